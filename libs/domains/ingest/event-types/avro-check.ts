import type avro from 'avsc';
import type { FieldError } from '../../../platform/kernel/problem.js';
import type { DataCheck } from './data-check.js';
import { isSchemaObject as isObject, pointer } from './schema-keywords.js';
import { TooCostly, WorkBudget } from './work-budget.js';

const MOST_STEPS = 200_000;
const MOST_ERRORS = 20;

/** What a type reads besides itself, by Avro's schema resolution: data that an earlier version took stays right. */
const READS: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
};

/**
 * A check of Avro's JSON encoding. Read as a reader of the schema would: a field with a default may be left out, one that the schema
 * does not know is passed over, aliases count, and a union's value may stand without the name of its branch.
 */
export function avroCheck(type: avro.Type): DataCheck {
  const budget = new WorkBudget();
  return (data, allowance) => {
    try {
      const errors = budget.within(MOST_STEPS, allowance, () => new Check(budget).of(type, data, ''));
      return errors.length === 0 ? null : errors.slice(0, MOST_ERRORS);
    } catch (error) {
      if (error instanceof TooCostly) return [{ pointer: '', message: error.message }];
      if (error instanceof RangeError) return [{ pointer: '', message: 'is nested too deep to be checked' }];
      throw error;
    }
  };
}

class Check {
  constructor(private readonly budget: WorkBudget) {}

  of(type: avro.Type, value: unknown, at: string): FieldError[] {
    this.budget.spend(1);
    const wrong = (message: string): FieldError[] => [{ pointer: at, message }];
    const kind = kindOf(type);
    if (kind === 'union') return this.union(type as avro.types.WrappedUnionType, value, at);
    if (kind !== 'record' && kind !== 'map' && this.isWrapping(value, type)) {
      return this.of(type, onlyValue(value), at);
    }
    switch (kind) {
      case 'null':
        return value === null ? [] : wrong('is not null');
      case 'boolean':
        return typeof value === 'boolean' ? [] : wrong('is not true or false');
      case 'int':
        return Number.isInteger(value) && (value as number) === ((value as number) | 0)
          ? []
          : wrong('is not a whole number of 32 bits');
      case 'long':
        return Number.isSafeInteger(value) ? [] : wrong('is not a whole number between -2^53 and 2^53');
      case 'float':
      case 'double':
        return typeof value === 'number' ? [] : wrong('is not a number');
      case 'string':
        return typeof value === 'string' ? [] : wrong('is not a text');
      case 'bytes':
        return this.isBytes(value) ? [] : wrong('is not a text of bytes (characters up to U+00FF)');
      case 'fixed':
        return this.isBytes(value) && value.length === (type as avro.types.FixedType).size
          ? []
          : wrong(`is not a text of ${(type as avro.types.FixedType).size} bytes (characters up to U+00FF)`);
      case 'enum':
        return this.symbol(type as avro.types.EnumType, value, at);
      case 'array':
        if (!Array.isArray(value)) return wrong('is not a list');
        return this.each(value.entries(), (type as avro.types.ArrayType).itemsType, at);
      case 'map':
        if (!isObject(value)) return wrong('is not an object');
        return this.each(Object.entries(value), (type as avro.types.MapType).valuesType, at);
      default:
        return this.record(type as avro.types.RecordType, value, at);
    }
  }

  private each(entries: Iterable<[number | string, unknown]>, type: avro.Type, at: string): FieldError[] {
    const errors: FieldError[] = [];
    for (const [name, one] of entries) {
      errors.push(...this.of(type, one, at + pointer(String(name))));
      if (errors.length >= MOST_ERRORS) break;
    }
    return errors;
  }

  private record(type: avro.types.RecordType, value: unknown, at: string): FieldError[] {
    if (!isObject(value)) return [{ pointer: at, message: 'is not an object' }];
    if (this.isWrapping(value, type) && !this.hasField(type, Object.keys(value)[0]!)) {
      return this.record(type, onlyValue(value), at);
    }
    const errors: FieldError[] = [];
    for (const field of type.fields) {
      this.budget.spend(1 + field.aliases.length);
      const name = [field.name, ...field.aliases].find((one) => Object.hasOwn(value, one));
      if (name !== undefined) errors.push(...this.of(field.type, value[name], at + pointer(name)));
      else if (!hasDefault(field)) {
        errors.push({ pointer: at + pointer(field.name), message: 'is missing' });
      }
      if (errors.length >= MOST_ERRORS) break;
    }
    return errors;
  }

  private symbol(type: avro.types.EnumType, value: unknown, at: string): FieldError[] {
    const { symbols } = type;
    this.budget.spend(symbols.length / 16);
    if (typeof value !== 'string') return [{ pointer: at, message: 'is not a text' }];
    if (symbols.includes(value) || (type as { default?: string }).default !== undefined) return [];
    return [{ pointer: at, message: `is not one of ${listed(symbols)}` }];
  }

  /** The branch that it names; else any that takes it as it is. */
  private union({ types }: avro.types.WrappedUnionType, value: unknown, at: string): FieldError[] {
    const named = types.filter((branch) => this.isWrapping(value, branch));
    for (const branch of named) if (this.of(branch, onlyValue(value), at).length === 0) return [];
    const found = types.map((branch) => this.of(branch, value, at));
    if (found.some((errors) => errors.length === 0)) return [];
    if (named.length > 0) return this.of(named[0]!, onlyValue(value), at);
    const inside = types.findIndex(
      (branch) => ['record', 'map', 'array'].includes(kindOf(branch)) && fits(branch, value),
    );
    if (inside >= 0) return found[inside]!;
    return [{ pointer: at, message: `is none of ${listed(types.map(nameOf))}` }];
  }

  /** Whether a value says of which type it is, as Avro's JSON encoding does in a union: `{"string": "x"}`. */
  private isWrapping(value: unknown, type: avro.Type): value is Record<string, unknown> {
    if (!isObject(value)) return false;
    const names = Object.keys(value);
    this.budget.spend(1 + names.length / 2);
    if (names.length !== 1) return false;
    const name = names[0]!;
    if (type.name === undefined) return name === kindOf(type) || READS[kindOf(type)]?.includes(name) === true;
    return name === type.name || unqualified(name) === unqualified(type.name) || type.aliases?.includes(name) === true;
  }

  private hasField({ fields }: avro.types.RecordType, name: string): boolean {
    this.budget.spend(fields.length);
    return fields.some((field) => field.name === name || field.aliases.includes(name));
  }

  private isBytes(value: unknown): value is string {
    if (typeof value !== 'string') return false;
    this.budget.spend(value.length / 64);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: each character is a byte.
    return /^[\u0000-\u00ff]*$/.test(value);
  }
}

const defaults = new WeakMap<avro.types.Field, boolean>();

/** Each time that avsc is asked for a default it makes it, with all that is in it. */
function hasDefault(field: avro.types.Field): boolean {
  let known = defaults.get(field);
  if (known === undefined) {
    known = field.defaultValue() !== undefined;
    defaults.set(field, known);
  }
  return known;
}

function fits(branch: avro.Type, value: unknown): boolean {
  return kindOf(branch) === 'array' ? Array.isArray(value) : isObject(value);
}

function kindOf(type: avro.Type): string {
  if (type.typeName.startsWith('union:')) return 'union';
  return type.typeName === 'error' ? 'record' : type.typeName;
}

function nameOf(type: avro.Type): string {
  return type.name ?? kindOf(type);
}

/** The first of them, each as far as it is needed to know it. */
function listed(names: readonly string[]): string {
  return names
    .slice(0, 20)
    .map((name) => name.slice(0, 60))
    .join(', ');
}

function onlyValue(value: unknown): unknown {
  return Object.values(value as object)[0];
}

function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
