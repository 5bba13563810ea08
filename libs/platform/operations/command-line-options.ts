import type { JsonSchema } from './openapi-types.js';

/** One option of a command, made from one field of a query or a body. */
export interface CommandOption {
  /** The long name without its dashes: `author-type` for the body's `author.type`. */
  flag: string;
  place: 'query' | 'body';
  /** Where its value goes. */
  path: readonly string[];
  /** `json` for what has no shape of one word: lists of objects, maps, unions of objects. */
  kind: 'text' | 'number' | 'boolean' | 'json';
  /** Given once an item. */
  repeated: boolean;
  /** The word `null` stands for JSON's null. */
  nullable: boolean;
  required: boolean;
  description: string;
  choices: readonly string[] | null;
}

/** A value that the schema leaves no choice about, such as a message's `"type": "text"`: sent without being asked for. */
export interface FixedValue {
  path: readonly string[];
  value: unknown;
}

export interface FieldOptions {
  options: CommandOption[];
  fixed: FixedValue[];
}

type Definitions = Record<string, JsonSchema>;

function resolve(schema: JsonSchema, definitions: Definitions): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const { $ref, ...beside } = schema;
  return { ...resolve(definitions[$ref.slice('#/$defs/'.length)]!, definitions), ...beside };
}

interface Unwrapped {
  schema: JsonSchema;
  nullable: boolean;
}

/** Takes `null` out of a field's types, and joins the branches of a union of objects into one with all their fields. */
function unwrap(raw: JsonSchema, definitions: Definitions): Unwrapped {
  const schema = resolve(raw, definitions);
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== 'null');
    return { schema: { ...schema, type: types.length === 1 ? types[0]! : types }, nullable: true };
  }
  const branches = (schema.oneOf ?? schema.anyOf)?.map((branch) => resolve(branch, definitions));
  if (branches === undefined) return { schema, nullable: false };
  const others = branches.filter(({ type }) => type !== 'null');
  const nullable = others.length < branches.length;
  const { oneOf: _, anyOf: __, ...beside } = schema;
  if (others.length === 1) {
    const inner = unwrap(others[0]!, definitions);
    return { schema: { ...inner.schema, ...beside }, nullable: nullable || inner.nullable };
  }
  const [type, ...otherTypes] = new Set(others.map((branch) => branch.type));
  if (type !== 'object' && otherTypes.length === 0) return { schema: { ...beside, type }, nullable };
  if (others.some((branch) => branch.properties === undefined)) return { schema: { ...beside }, nullable };
  return { schema: { ...beside, ...unionOf(others) }, nullable };
}

/** Only what every branch requires is required; a field that is another constant in each branch has them as choices. */
function unionOf(branches: JsonSchema[]): JsonSchema {
  const properties: Record<string, JsonSchema> = {};
  for (const branch of branches) {
    for (const [name, field] of Object.entries(branch.properties!)) {
      const known = properties[name];
      const constants = [...(known?.enum ?? (known ? [known.const] : [])), ...(field.enum ?? [field.const])];
      const unlike = known !== undefined && !constants.includes(undefined);
      properties[name] = unlike ? { type: 'string', enum: [...new Set(constants)] } : field;
    }
  }
  const required = branches[0]!.required?.filter((name) => branches.every((one) => one.required?.includes(name)));
  return { type: 'object', properties, required };
}

function kindOf(schema: JsonSchema): CommandOption['kind'] {
  switch (schema.type) {
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      return schema.enum?.every((value) => typeof value === 'string') ? 'text' : 'json';
  }
}

function describe(schema: JsonSchema): string {
  const bounds =
    schema.minimum !== undefined && schema.maximum !== undefined ? `${schema.minimum} to ${schema.maximum}` : '';
  const standard = schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`;
  const notes = [bounds, standard].filter((note) => note !== '').join(', ');
  return [schema.description ?? '', notes && `(${notes})`].filter((part) => part !== '').join(' ');
}

interface Place {
  place: CommandOption['place'];
  path: readonly string[];
  required: boolean;
}

function fieldOptions(raw: JsonSchema, definitions: Definitions, at: Place, into: FieldOptions): void {
  const { schema, nullable } = unwrap(raw, definitions);
  if (schema.const !== undefined) {
    if (at.required) into.fixed.push({ path: at.path, value: schema.const });
    return;
  }
  // Deeper than two levels an option's name says less than JSON does.
  if (schema.properties !== undefined && at.path.length <= 2) {
    for (const [name, field] of Object.entries(schema.properties)) {
      const required = at.required && (schema.required ?? []).includes(name);
      fieldOptions(field, definitions, { ...at, path: [...at.path, name], required }, into);
    }
    return;
  }
  const item = schema.type === 'array' ? unwrap(schema.items ?? {}, definitions).schema : null;
  const repeated = item !== null && kindOf(item) !== 'json';
  const one = repeated ? item! : schema;
  into.options.push({
    ...at,
    flag: at.path.join('-').replaceAll('_', '-'),
    kind: kindOf(one),
    repeated,
    nullable,
    description: describe({ ...one, description: schema.description ?? one.description }),
    choices: one.enum?.every((value) => typeof value === 'string') ? (one.enum as string[]) : null,
  });
}

/** The options for an object's fields, those of nested objects beside them with the names joined by dashes. */
export function optionsOf(place: CommandOption['place'], json: JsonSchema): FieldOptions {
  const found: FieldOptions = { options: [], fixed: [] };
  fieldOptions(json, json.$defs ?? {}, { place, path: [], required: true }, found);
  return { ...found, options: found.options.filter(({ path }) => path.length > 0) };
}
