import { canonical } from './canonical.js';
import type { JsonSchemaDocument } from './json-schema.js';
import { isSchemaObject, type JsonSchema, placeOf, pointer, type SchemaObject } from './schema-keywords.js';

/** A place in a schema. */
export interface Node {
  doc: JsonSchemaDocument;
  at: string;
}

/** The kinds of values; a number of JSON Schema is either of two. */
export type Kind = 'null' | 'boolean' | 'object' | 'array' | 'string' | 'integer' | 'fraction';

const ALL_KINDS: readonly Kind[] = ['null', 'boolean', 'object', 'array', 'string', 'integer', 'fraction'];

export function schemaOf({ doc, at }: Node): JsonSchema {
  return doc.places.get(at)!;
}

export function ownOf(node: Node): SchemaObject {
  const schema = schemaOf(node);
  return isSchemaObject(schema) ? schema : {};
}

export function childOf({ doc, at }: Node, ...names: string[]): Node {
  return { doc, at: at + names.map(pointer).join('') };
}

export function targetOf({ doc, at }: Node): Node {
  const schema = doc.places.get(at) as SchemaObject;
  return { doc, at: placeOf(String(schema.$ref))! };
}

/** A place without keywords: everything is right there. */
export const ANYTHING: Node = {
  doc: { draft: '2020-12', root: true, places: new Map([['', true]]), patterns: new Map() },
  at: '',
};

/**
 * The places all of whose own keywords have to hold: this one, those of its `allOf`, and those that they refer to. None leads back to
 * itself, which was looked at when the schema was read.
 */
export function conjunctsOf(node: Node): Node[] {
  const schema = ownOf(node);
  const members = Array.isArray(schema.allOf)
    ? schema.allOf.flatMap((_, i) => conjunctsOf(childOf(node, 'allOf', String(i))))
    : [];
  const referred = schema.$ref === undefined ? [] : conjunctsOf(targetOf(node));
  return [node, ...members, ...referred];
}

/** The branches of which at least one has to hold, `anyOf` or `oneOf`; none where there is no such keyword. */
export function branchesOf(node: Node, keyword: 'anyOf' | 'oneOf'): Node[] {
  const list = ownOf(node)[keyword];
  return Array.isArray(list) ? list.map((_, i) => childOf(node, keyword, String(i))) : [];
}

/** The values that a place's own keywords leave, where they list any. */
export function valuesOf(node: Node): unknown[] | null {
  const schema = ownOf(node);
  const listed = Array.isArray(schema.enum) ? schema.enum : null;
  if (!Object.hasOwn(schema, 'const')) return listed;
  const only = canonical(schema.const);
  return listed === null || listed.some((value) => canonical(value) === only) ? [schema.const] : [];
}

/** The kinds of values that a place's own keywords leave. */
export function kindsOf(node: Node): ReadonlySet<Kind> {
  if (schemaOf(node) === false) return new Set();
  const { type } = ownOf(node);
  const values = valuesOf(node);
  if (type === undefined) return new Set(values === null ? ALL_KINDS : values.map(kindOfValue));
  const kinds = new Set([type].flat().flatMap((one) => (one === 'number' ? ['integer', 'fraction'] : [one]) as Kind[]));
  return values === null ? kinds : new Set(values.map(kindOfValue).filter((kind) => kinds.has(kind)));
}

function kindOfValue(value: unknown): Kind {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  return typeof value as Kind;
}

/** The schemas of a map such as `properties`. */
export function mapOf(node: Node, keyword: string): ReadonlyMap<string, Node> {
  const map = ownOf(node)[keyword];
  const names = isSchemaObject(map) ? Object.keys(map).filter((name) => !Array.isArray(map[name])) : [];
  return new Map(names.map((name) => [name, childOf(node, keyword, name)]));
}

/** The schema at a keyword; null where there is none. */
export function schemaAt(node: Node, keyword: string): Node | null {
  const schema = ownOf(node)[keyword];
  return typeof schema === 'boolean' || isSchemaObject(schema) ? childOf(node, keyword) : null;
}

/** What holds for the items: the first ones each by itself, and all others. The same in both drafts. */
export function itemsOf(node: Node): { prefix: Node[]; rest: Node | null } {
  const { items, prefixItems } = ownOf(node);
  if (Array.isArray(items)) {
    return { prefix: items.map((_, i) => childOf(node, 'items', String(i))), rest: schemaAt(node, 'additionalItems') };
  }
  const prefix = Array.isArray(prefixItems) ? prefixItems : [];
  return {
    prefix: prefix.map((_, i) => childOf(node, 'prefixItems', String(i))),
    rest: schemaAt(node, 'items'),
  };
}

/** Which names ask for which others; `dependencies` of draft-07 are two keywords later. */
export function dependentNamesOf(node: Node): ReadonlyMap<string, readonly string[]> {
  const { dependencies, dependentRequired } = ownOf(node);
  const maps = [dependencies, dependentRequired].filter(isSchemaObject);
  return new Map(maps.flatMap(Object.entries).filter(([, names]) => Array.isArray(names)) as [string, string[]][]);
}

export function dependentSchemasOf(node: Node): ReadonlyMap<string, Node> {
  return new Map([...mapOf(node, 'dependencies'), ...mapOf(node, 'dependentSchemas')]);
}
