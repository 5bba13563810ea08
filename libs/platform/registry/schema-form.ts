/** A piece of a schema's JSON. */
export type SchemaJson = string | SchemaJson[] | { [attribute: string]: unknown };

/** Why a text is no Avro schema. */
export class SchemaSyntaxError extends Error {
  override name = 'SchemaSyntaxError';
}

const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string']);
const NAMED = new Set(['record', 'error', 'enum', 'fixed']);
const MOST_DEPTH = 200;

// TypeScript's library of ES2024 lacks the proposal that Node.js 22 brought: https://tc39.es/proposal-json-parse-with-source/
const json = JSON as typeof JSON & {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

/**
 * A schema's JSON, with every number as the literal that it was: a default beyond 2^53 keeps its digits. Throws
 * SchemaSyntaxError.
 */
export function parseLiterally(text: string): unknown {
  try {
    const keep = (_key: string, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' ? json.rawJSON(context!.source!) : value;
    return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
  } catch (error) {
    throw new SchemaSyntaxError(`it is not JSON: ${(error as Error).message}`);
  }
}

/**
 * A schema with full names only, without namespaces, with its attributes in one order, and with `"int"` for
 * `{"type": "int"}`. Two schemas are the same one where their forms are equal; documentation, aliases, defaults and
 * further attributes count. Names without a namespace are written by `rootName`.
 */
export function formOf(schema: unknown, rootName = (name: string) => name): SchemaJson {
  return new FormMaker(rootName).of(schema, '', 0);
}

class FormMaker {
  constructor(private readonly rootName: (name: string) => string) {}

  of(schema: unknown, namespace: string, depth: number): SchemaJson {
    if (depth > MOST_DEPTH) throw new SchemaSyntaxError(`it is nested more than ${MOST_DEPTH} types deep`);
    if (typeof schema === 'string') return PRIMITIVES.has(schema) ? schema : this.nameOf(schema, namespace);
    if (Array.isArray(schema)) return schema.map((branch) => this.of(branch, namespace, depth + 1));
    if (!isObject(schema)) throw new SchemaSyntaxError(`a type is a name, a list or an object, not ${show(schema)}`);
    const { type } = schema;
    if (typeof type !== 'string') return this.of(type, namespace, depth + 1);
    if (NAMED.has(type)) return this.named(schema, type, namespace, depth);
    if (type === 'array') return { ...sorted(schema), items: this.of(schema.items, namespace, depth + 1) };
    if (type === 'map') return { ...sorted(schema), values: this.of(schema.values, namespace, depth + 1) };
    if (!PRIMITIVES.has(type)) return this.nameOf(type, namespace);
    return Object.keys(schema).length === 1 ? type : sorted(schema);
  }

  private named(schema: Record<string, unknown>, type: string, outer: string, depth: number): SchemaJson {
    const { namespace = outer, ...rest } = schema;
    if (typeof schema.name !== 'string') throw new SchemaSyntaxError(`a type ${type} has no name`);
    if (typeof namespace !== 'string') throw new SchemaSyntaxError(`the namespace of ${schema.name} is not a text`);
    const name = this.nameOf(schema.name, namespace);
    const inner = name.slice(0, Math.max(0, name.lastIndexOf('.')));
    const form: Record<string, unknown> = { ...sorted(rest), name };
    if (schema.aliases !== undefined) {
      form.aliases = texts(schema.aliases, `the aliases of ${name}`).map((alias) => this.nameOf(alias, inner));
    }
    if (type === 'enum') texts(schema.symbols, `the symbols of ${name}`);
    if (type !== 'record' && type !== 'error') return form;
    if (!Array.isArray(schema.fields)) throw new SchemaSyntaxError(`the record ${name} has no list of fields`);
    const seen = new Set<unknown>();
    form.fields = schema.fields.map((field: unknown) => {
      if (!isObject(field) || typeof field.name !== 'string') {
        throw new SchemaSyntaxError(`a field of ${name} is not an object with a name`);
      }
      if (seen.size === seen.add(field.name).size) throw new SchemaSyntaxError(`${name} has two fields ${field.name}`);
      if (field.aliases !== undefined) texts(field.aliases, `the aliases of ${name}.${field.name}`);
      return { ...sorted(field), type: this.of(field.type, inner, depth + 1) };
    });
    return form;
  }

  private nameOf(name: string, namespace: string): string {
    if (name.includes('.')) return name.startsWith('.') ? this.rootName(name.slice(1)) : name;
    return namespace === '' ? this.rootName(name) : `${namespace}.${name}`;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !json.isRawJSON(value);
}

function texts(value: unknown, what: string): string[] {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  throw new SchemaSyntaxError(`${what} are not a list of texts`);
}

function sorted(value: Record<string, unknown>): Record<string, unknown> {
  return inOrder(value) as Record<string, unknown>;
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, inOrder(value[key])]));
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 60);
}
