/** A JSON Schema, or a place in one. */
export type JsonSchema = boolean | { [keyword: string]: unknown };
export type SchemaObject = { [keyword: string]: unknown };

/** What holds further schemas, and how. */
const APPLICATORS: Readonly<Record<string, 'schema' | 'list' | 'map' | 'either' | 'dependencies'>> = {
  additionalItems: 'schema',
  additionalProperties: 'schema',
  allOf: 'list',
  anyOf: 'list',
  contains: 'schema',
  definitions: 'map',
  $defs: 'map',
  dependencies: 'dependencies',
  dependentSchemas: 'map',
  else: 'schema',
  if: 'schema',
  items: 'either',
  not: 'schema',
  oneOf: 'list',
  patternProperties: 'map',
  prefixItems: 'list',
  properties: 'map',
  propertyNames: 'schema',
  // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema.
  then: 'schema',
  unevaluatedItems: 'schema',
  unevaluatedProperties: 'schema',
};

/** Those whose schemas look at the same value as the one that they stand in. */
export const IN_PLACE: ReadonlySet<string> = new Set([
  'allOf',
  'anyOf',
  'dependencies',
  'dependentSchemas',
  'else',
  'if',
  'not',
  'oneOf',
  'then',
]);

/** What says something of a value, and refuses none. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  '$comment',
  '$id',
  '$schema',
  'contentEncoding',
  'contentMediaType',
  'default',
  'definitions',
  '$defs',
  'deprecated',
  'description',
  'examples',
  'readOnly',
  'title',
  'writeOnly',
]);

const ASSERTIONS: ReadonlySet<string> = new Set([
  '$ref',
  'const',
  'dependentRequired',
  'enum',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'format',
  'maxContains',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minContains',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'multipleOf',
  'pattern',
  'required',
  'type',
  'uniqueItems',
]);

export function holdsSchemas(keyword: string): boolean {
  return Object.hasOwn(APPLICATORS, keyword);
}

/** Whether a keyword is taken; those of a workspace's own begin with `x-`. */
export function isKnown(keyword: string): boolean {
  return holdsSchemas(keyword) || ASSERTIONS.has(keyword) || ANNOTATIONS.has(keyword) || isOwn(keyword);
}

export function isOwn(keyword: string): boolean {
  return keyword.startsWith('x-');
}

/** Those that only one of the two drafts has. */
export const ONLY_OF: Readonly<Record<string, 'draft-07' | '2020-12'>> = {
  additionalItems: 'draft-07',
  dependencies: 'draft-07',
  dependentRequired: '2020-12',
  dependentSchemas: '2020-12',
  maxContains: '2020-12',
  minContains: '2020-12',
  prefixItems: '2020-12',
  unevaluatedItems: '2020-12',
  unevaluatedProperties: '2020-12',
};

export interface Subschema {
  keyword: string;
  /** From the schema that it stands in, as a JSON Pointer: `/properties/amount`. */
  path: string;
  schema: unknown;
}

/** The schemas that stand directly in one. */
export function subschemasOf(schema: JsonSchema): Subschema[] {
  if (!isSchemaObject(schema)) return [];
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const kind = Object.hasOwn(APPLICATORS, keyword) ? APPLICATORS[keyword] : undefined;
    const at = pointer(keyword);
    const one = (inner: unknown, path: string): Subschema => ({ keyword, path, schema: inner });
    switch (kind) {
      case undefined:
        return [];
      case 'schema':
        return [one(value, at)];
      case 'list':
        return Array.isArray(value) ? value.map((inner, i) => one(inner, `${at}/${i}`)) : [];
      case 'either':
        return Array.isArray(value) ? value.map((inner, i) => one(inner, `${at}/${i}`)) : [one(value, at)];
      case 'map':
      case 'dependencies':
        if (!isSchemaObject(value)) return [];
        return Object.entries(value)
          .filter(([, inner]) => kind === 'map' || !Array.isArray(inner))
          .map(([name, inner]) => one(inner, at + pointer(name)));
      default:
        return kind satisfies never;
    }
  });
}

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A name as a step of a JSON Pointer (RFC 6901). */
export function pointer(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The pointer of a reference within the document; null where it leads out of it. */
export function placeOf(reference: string): string | null {
  if (!reference.startsWith('#')) return null;
  try {
    const place = decodeURIComponent(reference.slice(1));
    return place === '' || place.startsWith('/') ? place : null;
  } catch {
    return null;
  }
}
