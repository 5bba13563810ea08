import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { FieldError } from '../../../platform/kernel/problem.js';
import { MOST_WEIGHT, weightOf } from './json-schema-weight.js';
import { type LinearPattern, linearPattern, PatternError } from './linear-pattern.js';
import {
  IN_PLACE,
  isKnown,
  isSchemaObject,
  type JsonSchema,
  ONLY_OF,
  placeOf,
  pointer,
  subschemasOf,
} from './schema-keywords.js';

export type Draft = 'draft-07' | '2020-12';

/** A JSON Schema that may be used: what it costs to check with it is known to have an end. */
export interface JsonSchemaDocument {
  draft: Draft;
  root: JsonSchema;
  /** Every schema in it by its JSON Pointer; the root's is empty. */
  places: ReadonlyMap<string, JsonSchema>;
  /** Every pattern in it, by its text: to compile one takes up to some milliseconds. */
  patterns: ReadonlyMap<string, LinearPattern>;
}

const MOST_DEPTH = 32;
const MOST_SCHEMAS = 500;
const MOST_VALUES = 1000;
const MOST_ERRORS = 20;
/** How often one value may be looked at, at most, whatever it is. */
const MOST_LOOKS = 10_000;

const DRAFTS: ReadonlyMap<string, Draft> = new Map([
  ['http://json-schema.org/draft-07/schema', 'draft-07'],
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
]);

const META = {
  'draft-07': new Ajv({ strict: false, logger: false }),
  '2020-12': new Ajv2020({ strict: false, logger: false }),
};

/**
 * Reads a schema of draft 2020-12, or of draft-07 where its `$schema` says so. What is wrong with it comes as errors with the places
 * in it: keywords that are not known, references that lead out of it, patterns that could run for ever, and what would be too
 * large, too deep or too dear to compile.
 */
export function readJsonSchema(root: unknown): { document: JsonSchemaDocument } | { errors: FieldError[] } {
  if (typeof root !== 'boolean' && !isSchemaObject(root)) return { errors: [{ pointer: '', message: 'is no schema' }] };
  const stated = isSchemaObject(root) ? root.$schema : undefined;
  const draft = stated === undefined ? '2020-12' : DRAFTS.get(String(stated).replace(/#$/, ''));
  if (draft === undefined || (stated !== undefined && typeof stated !== 'string')) {
    return { errors: [{ pointer: '/$schema', message: `is none of ${[...DRAFTS.keys()].join(', ')}` }] };
  }
  const places = new Map<string, JsonSchema>();
  const errors: FieldError[] = [];
  collect(root, '', 0, places, errors);
  if (errors.length === 0) errors.push(...metaErrors(draft, root));
  if (errors.length === 0 && weightOf(places) > MOST_WEIGHT) {
    errors.push({ pointer: '', message: 'has more schemas, keywords and patterns than are taken: some 300 fields' });
  }
  const patterns = new Map<string, LinearPattern>();
  const document = { draft, root, places, patterns };
  if (errors.length === 0) {
    for (const [place, schema] of places) errors.push(...keywordErrors(document, place, schema, patterns));
  }
  if (errors.length === 0) errors.push(...loopErrors(document));
  return errors.length > 0 ? { errors: errors.slice(0, MOST_ERRORS) } : { document };
}

function collect(
  schema: unknown,
  place: string,
  depth: number,
  places: Map<string, JsonSchema>,
  errors: FieldError[],
): void {
  if (depth > MOST_DEPTH) {
    errors.push({ pointer: place, message: `is nested more than ${MOST_DEPTH} schemas deep` });
    return;
  }
  if (places.size >= MOST_SCHEMAS) {
    if (errors.length === 0) errors.push({ pointer: place, message: `is one schema more than ${MOST_SCHEMAS}` });
    return;
  }
  if (typeof schema !== 'boolean' && !isSchemaObject(schema)) {
    errors.push({ pointer: place, message: 'is no schema' });
    return;
  }
  places.set(place, schema);
  for (const inner of subschemasOf(schema)) {
    if (inner.path.endsWith('/__proto__')) errors.push({ pointer: place + inner.path, message: 'is no name for this' });
    collect(inner.schema, place + inner.path, depth + 1, places, errors);
  }
}

function metaErrors(draft: Draft, root: JsonSchema): FieldError[] {
  const meta = META[draft];
  if (meta.validateSchema(root)) return [];
  return (meta.errors ?? []).map(({ instancePath, message }) => ({ pointer: instancePath, message: message ?? '' }));
}

function keywordErrors(
  { draft, places }: JsonSchemaDocument,
  place: string,
  schema: JsonSchema,
  patterns: Map<string, LinearPattern>,
): FieldError[] {
  if (!isSchemaObject(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const at = place + pointer(keyword);
    const wrong = (message: string) => [{ pointer: at, message }];
    if (!isKnown(keyword) || (ONLY_OF[keyword] ?? draft) !== draft) {
      return wrong(`is no keyword that is taken in a schema of ${draft}; your own begin with x-`);
    }
    switch (keyword) {
      case '$id':
        return place === '' ? [] : wrong('is taken at the root only');
      case '$ref':
        return places.has(placeOf(String(value)) ?? '?')
          ? []
          : wrong('leads to no schema in this one; it begins with #, such as #/$defs/amount');
      case 'enum':
        return (value as unknown[]).length > MOST_VALUES ? wrong(`has more than ${MOST_VALUES} values`) : [];
      case 'items':
        return draft === '2020-12' && Array.isArray(value) ? wrong('is a list; use prefixItems') : [];
      case 'pattern':
        return patternErrors(at, String(value), patterns);
      case 'patternProperties':
        return Object.keys(value as object).flatMap((pattern) =>
          patternErrors(at + pointer(pattern), pattern, patterns),
        );
      default:
        return [];
    }
  });
}

function patternErrors(at: string, pattern: string, patterns: Map<string, LinearPattern>): FieldError[] {
  try {
    if (!patterns.has(pattern)) patterns.set(pattern, linearPattern(pattern));
    return [];
  } catch (error) {
    if (error instanceof PatternError) return [{ pointer: at, message: error.message }];
    throw error;
  }
}

/** Of schemas that look at one value, none may come back to itself, nor may they be many. */
function loopErrors({ places }: JsonSchemaDocument): FieldError[] {
  const looks = new Map<string, number>();
  const errors: FieldError[] = [];
  const visit = (place: string): number => {
    const known = looks.get(place);
    if (known !== undefined) return known;
    looks.set(place, Number.POSITIVE_INFINITY);
    const schema = places.get(place)!;
    let sum = 1;
    for (const inner of subschemasOf(schema)) if (IN_PLACE.has(inner.keyword)) sum += visit(place + inner.path);
    if (isSchemaObject(schema) && schema.$ref !== undefined) sum += visit(placeOf(String(schema.$ref))!);
    if (sum > MOST_LOOKS && errors.length === 0) {
      const message = Number.isFinite(sum)
        ? `would look at one value more than ${MOST_LOOKS} times`
        : 'leads back to itself';
      errors.push({ pointer: place, message });
    }
    looks.set(place, sum);
    return sum;
  };
  for (const place of places.keys()) visit(place);
  return errors;
}
