import type { EventSchema } from '../../contract/event-schema.js';
import type { JsonSchema } from '../operations/openapi-types.js';

type AvroType = string | AvroType[] | AvroNamed;

interface AvroField {
  name: string;
  type: AvroType;
  doc?: string;
  default?: unknown;
  /** Whether its text is JSON, which is shown as what it says. */
  'heddle.json'?: unknown;
  /** Whether the API shows it to nobody. */
  'heddle.hidden'?: unknown;
}

interface AvroNamed {
  type: AvroType;
  name?: string;
  doc?: string;
  logicalType?: string;
  fields?: AvroField[];
  items?: AvroType;
  values?: AvroType;
  size?: number;
}

type Named = Map<string, AvroNamed>;

const NAMELESS: Readonly<Record<string, JsonSchema>> = {
  null: { type: 'null' },
  boolean: { type: 'boolean' },
  int: { type: 'integer', minimum: -2147483648, maximum: 2147483647 },
  long: { type: 'integer' },
  float: { type: 'number' },
  double: { type: 'number' },
  bytes: { type: 'string', pattern: '^([0-9a-f]{2})*$' },
  string: { type: 'string' },
};

const TIME: JsonSchema = { type: 'string', format: 'date-time', description: 'In UTC, with milliseconds (RFC 3339).' };

const PERSONAL: JsonSchema = {
  type: 'string',
  description: 'Personal: may read `erased` or `redacted`.',
  'x-heddle-personal': true,
};

/**
 * What `data` of this version is as the API shows it, as JSON Schema of draft 2020-12. Every field is always there; one
 * that a revision added carries the default that older events show.
 */
export function dataSchema(schema: EventSchema): JsonSchema {
  const all = schema.schema.fields as readonly AvroField[];
  const named: Named = new Map();
  for (const { type } of all) collect(type, named);
  const fields = all.filter((field) => field['heddle.hidden'] !== true);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `${schema.type} ${schema.version}.${schema.revision}`,
    description: schema.doc,
    ...recordSchema(fields.slice(1), named),
  };
}

function recordSchema(fields: readonly AvroField[], named: Named): JsonSchema {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field, named)])),
    required: fields.map(({ name }) => name),
  };
}

function fieldSchema(field: AvroField, named: Named): JsonSchema {
  const { description, ...typed } = schemaOf(field.type, named);
  const { type: _, ...any } = typed;
  const shape = field['heddle.json'] === true ? any : typed;
  const said = [field.doc, description].filter((text) => text !== undefined).join(' ');
  return {
    ...shape,
    ...(said === '' ? {} : { description: said }),
    ...('default' in field ? { default: field.default } : {}),
  };
}

function schemaOf(type: AvroType, named: Named): JsonSchema {
  if (Array.isArray(type)) return unionOf(type, named);
  if (typeof type === 'string') return NAMELESS[type] ?? schemaOf(definitionOf(type, named), named);
  if (type.name === 'heddle.Sealed') return PERSONAL;
  if (type.logicalType === 'timestamp-millis') return TIME;
  if (type.type === 'array') return { type: 'array', items: schemaOf(type.items!, named) };
  if (type.type === 'map') return { type: 'object', additionalProperties: schemaOf(type.values!, named) };
  if (type.type === 'fixed') return NAMELESS.bytes!;
  if (type.type === 'record') {
    return { ...recordSchema(type.fields!, named), ...(type.doc === undefined ? {} : { description: type.doc }) };
  }
  return schemaOf(type.type, named);
}

/** `T` or null is T's schema with null among its types, which reads better than a choice of two. */
function unionOf(branches: readonly AvroType[], named: Named): JsonSchema {
  const schemas = branches.filter((branch) => branch !== 'null').map((branch) => schemaOf(branch, named));
  const [only] = schemas;
  const nullable = schemas.length < branches.length;
  if (schemas.length === 1 && typeof only!.type === 'string') {
    return nullable ? { ...only, type: [only!.type, 'null'] } : only!;
  }
  return { anyOf: nullable ? [...schemas, { type: 'null' }] : schemas };
}

function definitionOf(name: string, named: Named): AvroNamed {
  const found = named.get(name);
  if (found === undefined) throw new Error(`The schema names the type ${name}, and does not define it.`);
  return found;
}

/** A named type is written out where it is first used, and called by its name from then on. */
function collect(type: AvroType, named: Named): void {
  if (typeof type === 'string') return;
  if (Array.isArray(type)) {
    for (const branch of type) collect(branch, named);
    return;
  }
  if (type.name !== undefined) named.set(type.name, type);
  for (const field of type.fields ?? []) collect(field.type, named);
  if (type.items !== undefined) collect(type.items, named);
  if (type.values !== undefined) collect(type.values, named);
  if (typeof type.type === 'object') collect(type.type, named);
}
