import { ANNOTATIONS, holdsSchemas, isOwn, isSchemaObject, type JsonSchema } from './schema-keywords.js';

/** Of what ajv compiles in less than 0.1 s; nothing else is done meanwhile. */
export const MOST_WEIGHT = 1000;

const OF_A_SCHEMA = 2;
const OF_A_KEYWORD = 1;
/** Beyond that of a keyword. */
const MORE: Readonly<Record<string, number>> = { const: 2, enum: 2, pattern: 2 };
const OF_A_BRANCH = 2;
const OF_A_NAMED_PATTERN = 3;
const OF_A_REQUIRED_NAME = 0.75;
const OF_A_DEPENDENT_NAME = 3;
/** Of each different pattern, and of each of its characters. */
const OF_A_PATTERN = 10;
const OF_A_CHARACTER = 0.2;

/**
 * What it costs to compile the schemas, in units of about 0.05 ms. Ajv writes code for each keyword, so that a schema's cost is not
 * told by its length: 64 KiB can be a title, or two thousand branches.
 */
export function weightOf(places: ReadonlyMap<string, JsonSchema>): number {
  const patterns = new Set<string>();
  let weight = 0;
  for (const schema of places.values()) {
    weight += OF_A_SCHEMA;
    if (!isSchemaObject(schema)) continue;
    for (const [keyword, value] of Object.entries(schema)) {
      if (isOwn(keyword) || (ANNOTATIONS.has(keyword) && !holdsSchemas(keyword))) continue;
      weight += OF_A_KEYWORD + (Object.hasOwn(MORE, keyword) ? MORE[keyword]! : 0) + weightOfParts(keyword, value);
      if (keyword === 'pattern') patterns.add(String(value));
      if (keyword === 'patternProperties') for (const pattern of Object.keys(value as object)) patterns.add(pattern);
    }
  }
  for (const pattern of patterns) weight += OF_A_PATTERN + pattern.length * OF_A_CHARACTER;
  return weight;
}

function weightOfParts(keyword: string, value: unknown): number {
  switch (keyword) {
    case 'oneOf':
      return (value as unknown[]).length * OF_A_BRANCH;
    case 'required':
      return (value as unknown[]).length * OF_A_REQUIRED_NAME;
    case 'patternProperties':
      return Object.keys(value as object).length * OF_A_NAMED_PATTERN;
    case 'dependencies':
    case 'dependentRequired':
      return Object.values(value as object).flatMap((names) => [names].flat()).length * OF_A_DEPENDENT_NAME;
    default:
      return 0;
  }
}
