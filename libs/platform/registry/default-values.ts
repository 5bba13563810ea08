import { type SchemaJson, SchemaSyntaxError } from './schema-form.js';

/** About 0.1 s of avsc's work; nothing else is done meanwhile. */
const MOST_VALUES = 10_000;

interface Field {
  name: string;
  type: SchemaJson;
  default?: unknown;
}

/**
 * Counts the values that the defaults of schemas come to, as avsc makes them when it compiles: a record's default has those of all
 * fields that it leaves out, and so has each of theirs. Twenty records of two such fields each, in a thousand bytes, are two million.
 */
export class DefaultValues {
  private readonly records = new Map<string, Field[]>();
  private left = MOST_VALUES;

  /** Of a form as `formOf` makes it, and of those that were counted before, which it may name. Throws SchemaSyntaxError. */
  count(form: SchemaJson): void {
    if (Array.isArray(form)) for (const branch of form) this.count(branch);
    if (typeof form === 'string' || Array.isArray(form)) return;
    const { name, fields, items, values } = form as { name?: string; fields?: Field[]; [of: string]: unknown };
    for (const inner of [items, values]) if (inner !== undefined) this.count(inner as SchemaJson);
    if (fields === undefined) return;
    this.records.set(name!, fields);
    for (const field of fields) {
      this.count(field.type);
      if (field.default !== undefined) this.spendOn(field.default, field.type);
    }
  }

  private spendOn(value: unknown, type: SchemaJson): void {
    if (--this.left < 0) throw new SchemaSyntaxError(`its defaults come to more than ${MOST_VALUES} values`);
    // A union's default is of its first branch.
    const meant = Array.isArray(type) ? (type[0] ?? 'null') : type;
    const { name, fields, items, values } =
      typeof meant === 'string' ? { name: meant } : (meant as Record<string, unknown>);
    const inRecord = (fields as Field[] | undefined) ?? this.records.get(name as string);
    if (inRecord !== undefined) this.spendOnRecord((value ?? {}) as object, inRecord);
    else if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) this.spendOn(inner, (items ?? values ?? 'null') as SchemaJson);
    }
  }

  private spendOnRecord(value: object, fields: readonly Field[]): void {
    for (const { name, type, default: usual } of fields) {
      const given = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : usual;
      if (given !== undefined) this.spendOn(given, type);
    }
  }
}
