import { z } from 'zod';
import type { JsonSchema } from './openapi-types.js';

/** What a schema is asked of: a value that comes in (defaults not filled in yet), or one that goes out. */
export type Direction = 'input' | 'output';

const LOCAL = '#/$defs/';
const SHARED = '#/components/schemas/';

function mapRefs(value: unknown, to: (ref: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapRefs(item, to));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key,
      key === '$ref' && typeof child === 'string' ? to(child) : mapRefs(child, to),
    ]),
  );
}

function refsIn(schema: JsonSchema): string[] {
  const refs: string[] = [];
  mapRefs(schema, (ref) => {
    refs.push(ref.slice(LOCAL.length));
    return ref;
  });
  return refs;
}

/** The JSON Schema of a zod schema, its named parts under `$defs`. Throws where JSON Schema cannot say it. */
export function jsonSchemaOf(schema: z.ZodType, direction: Direction): JsonSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: direction, target: 'draft-2020-12' });
  return json as JsonSchema;
}

/**
 * The schemas of one document that have a name (`.meta({ id })`), each once. A name whose schema differs between what
 * comes in and what goes out (a default makes a field required only on the way out) is `<Name>Input` on the way in;
 * so ask for all outputs before the inputs.
 */
export class SchemaComponents {
  private readonly raw = new Map<string, string>();
  readonly schemas: Record<string, JsonSchema> = {};

  /** A schema whose references point into the document. */
  add(schema: z.ZodType, direction: Direction): JsonSchema {
    const { $defs = {}, ...root } = jsonSchemaOf(schema, direction);
    const names = this.namesFor($defs, direction);
    const shared = (json: JsonSchema) =>
      mapRefs(json, (ref) => `${SHARED}${names.get(ref.slice(LOCAL.length))}`) as JsonSchema;
    for (const [name, definition] of Object.entries($defs)) {
      this.raw.set(names.get(name)!, JSON.stringify(definition));
      this.schemas[names.get(name)!] = shared(definition);
    }
    return shared(root);
  }

  /** A definition keeps its name unless that is another schema's already, or something that it refers to lost its own. */
  private namesFor(definitions: Record<string, JsonSchema>, direction: Direction): Map<string, string> {
    const names = new Map(Object.keys(definitions).map((name) => [name, name]));
    for (let changed = true; changed; ) {
      changed = false;
      for (const [name, definition] of Object.entries(definitions)) {
        if (names.get(name) !== name) continue;
        const clashes = this.raw.has(name) && this.raw.get(name) !== JSON.stringify(definition);
        if (!clashes && !refsIn(definition).some((ref) => names.get(ref) !== ref)) continue;
        names.set(name, this.freeName(name, JSON.stringify(definition), direction));
        changed = true;
      }
    }
    return names;
  }

  private freeName(name: string, definition: string, direction: Direction): string {
    const base = direction === 'input' ? `${name}Input` : name;
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? base : `${base}${n}`;
      const known = this.raw.get(candidate);
      if (candidate !== name && (known === undefined || known === definition)) return candidate;
    }
  }
}
