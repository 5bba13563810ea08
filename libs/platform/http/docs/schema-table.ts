import type { JsonSchema } from '../../operations/openapi-types.js';
import { type Html, html } from './html.js';
import { proseLine } from './prose.js';

type Schemas = Record<string, JsonSchema>;

/** Deeper than this a schema is shown as its type alone. */
const DEEPEST = 5;

const SHARED = '#/components/schemas/';

export function resolveSchema(schema: JsonSchema, schemas: Schemas): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const { $ref, ...beside } = schema;
  return { ...resolveSchema(schemas[$ref.slice(SHARED.length)] ?? {}, schemas), ...beside };
}

function typeOf(raw: JsonSchema, schemas: Schemas): string {
  const schema = resolveSchema(raw, schemas);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const branches = schema.oneOf ?? schema.anyOf;
  if (branches !== undefined) return [...new Set(branches.map((branch) => typeOf(branch, schemas)))].join(' | ');
  if (schema.type === 'array') return `${typeOf(schema.items ?? {}, schemas)}[]`;
  if (Array.isArray(schema.type)) return schema.type.join(' | ');
  return schema.format ?? schema.type ?? 'any';
}

function limits(schema: JsonSchema): string {
  const range = (low: number | undefined, high: number | undefined, unit: string) => {
    if (low === undefined && high === undefined) return [];
    if (low === undefined) return [`up to ${high}${unit}`];
    return [high === undefined ? `from ${low}${unit}` : `${low} to ${high}${unit}`];
  };
  return [
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minLength, schema.maxLength, ' characters'),
    ...range(schema.minItems, schema.maxItems, ' items'),
    ...(schema.default === undefined ? [] : [`${JSON.stringify(schema.default)} if not given`]),
  ].join(', ');
}

/** The pattern where it says something: those of formats and of "no NUL" are left to /openapi.json. */
function patternOf({ pattern, format }: JsonSchema): string | null {
  return pattern === undefined || format !== undefined || pattern.length > 90 || pattern.includes('u0000')
    ? null
    : pattern;
}

export function fieldRow(
  name: string,
  required: boolean,
  raw: JsonSchema,
  schemas: Schemas,
  depth = 0,
  within: readonly string[] = [],
): Html {
  const schema = resolveSchema(raw, schemas);
  const pattern = patternOf(schema);
  return html`<tr><th scope="row" class="depth-${depth}"><code>${name}</code>${required && html` <b title="required">required</b>`}</th>
<td><code>${typeOf(schema, schemas)}</code></td>
<td>${schema.description && proseLine(schema.description)} <small>${limits(schema)}</small>${pattern && html` <small><code>${pattern}</code></small>`}</td></tr>
${depth < DEEPEST && fieldRows(raw, schemas, depth + 1, within)}`;
}

/** The rows of an object's fields; of a list, those of its items; of a union, those of each branch. */
function fieldRows(raw: JsonSchema, schemas: Schemas, depth: number, outer: readonly string[] = []): Html[] {
  // What holds itself is shown once.
  if (raw.$ref !== undefined && outer.includes(raw.$ref)) return [];
  const within = raw.$ref === undefined ? outer : [...outer, raw.$ref];
  const schema = resolveSchema(raw, schemas);
  if (schema.type === 'array' && schema.items !== undefined) return fieldRows(schema.items, schemas, depth, within);
  if (schema.properties !== undefined) {
    return Object.entries(schema.properties).map(([name, field]) =>
      fieldRow(name, (schema.required ?? []).includes(name), field, schemas, depth, within),
    );
  }
  const branches = (schema.oneOf ?? schema.anyOf ?? []).filter((branch) => {
    const { properties, oneOf } = resolveSchema(branch, schemas);
    return properties ?? oneOf;
  });
  return branches.flatMap((branch, at) => [
    html`<tr><td colspan="3" class="branch depth-${depth}">${branches.length > 1 && (at === 0 ? 'either' : 'or')}</td></tr>`,
    ...fieldRows(branch, schemas, depth, within),
  ]);
}

/** The rows of parameters and fields in a table. */
export function fieldTable(rows: readonly Html[]): Html | null {
  return rows.length === 0
    ? null
    : html`<table><thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}

/** A schema as a table, or as its type where it has no fields. */
export function schemaTable(schema: JsonSchema, schemas: Schemas): Html {
  return fieldTable(fieldRows(schema, schemas, 0)) ?? html`<p><code>${typeOf(schema, schemas)}</code></p>`;
}
