import type avro from 'avsc';
import { decimalOf } from './avro-schema.js';

export type IncompatibilityKind =
  | 'NAME_MISMATCH'
  | 'FIXED_SIZE_MISMATCH'
  | 'DECIMAL_MISMATCH'
  | 'MISSING_ENUM_SYMBOLS'
  | 'READER_FIELD_MISSING_DEFAULT_VALUE'
  | 'TYPE_MISMATCH'
  | 'MISSING_UNION_BRANCH';

/** One reason why a reader cannot read what a writer wrote. */
export interface Incompatibility {
  kind: IncompatibilityKind;
  /** A JSON Pointer (RFC 6901) into the reader's schema, as Avro's SchemaCompatibility prints it; `/` for its root. */
  path: string;
  reason: string;
}

/** What a reader may read besides its own kind: Avro 1.12, "Schema Resolution". */
const PROMOTIONS: Record<string, readonly string[]> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
};

/**
 * Why data of the writer's schema cannot be read with the reader's, by the rules of
 * https://avro.apache.org/docs/1.12.0/specification/#schema-resolution; empty where it can, whatever the data. Stricter
 * than avsc's `createResolver`, which lets pass an alias that two fields answer to and decimals of another scale, and
 * wider, for it knows the reader's union as a whole.
 */
export function incompatibilities(reader: avro.Type, writer: avro.Type): Incompatibility[] {
  return new Resolution().between(reader, writer, '').map((one) => ({ ...one, path: one.path || '/' }));
}

/** A type that stands in many places would multiply its reasons. */
const MOST_REASONS = 20;

type RecordType = avro.types.RecordType;

class Resolution {
  /** What is wrong with each pair, from there on. A recursive type meets itself again, and that says nothing new. */
  private readonly known = new Map<avro.Type, Map<avro.Type, Incompatibility[]>>();

  between(reader: avro.Type, writer: avro.Type, path: string): Incompatibility[] {
    if (reader === writer) return [];
    let byWriter = this.known.get(reader);
    if (byWriter === undefined) {
      byWriter = new Map();
      this.known.set(reader, byWriter);
    }
    const known = byWriter.get(writer);
    if (known !== undefined) return below(path, known);
    byWriter.set(writer, []);
    const inside = this.look(reader, writer).slice(0, MOST_REASONS);
    byWriter.set(writer, inside);
    return below(path, inside);
  }

  private look(reader: avro.Type, writer: avro.Type): Incompatibility[] {
    if (isUnion(writer)) return this.fromUnion(reader, writer);
    if (isUnion(reader)) return this.intoUnion(reader, writer);
    const kind = kindOf(reader);
    if (kind !== kindOf(writer)) {
      if (PROMOTIONS[kind]?.includes(kindOf(writer))) return [];
      const reason = `a ${kind} cannot be read from a ${kindOf(writer)}`;
      return [{ kind: 'TYPE_MISMATCH', path: '', reason }];
    }
    switch (kind) {
      case 'record':
        return [...namesOf(reader, writer), ...this.fields(reader as RecordType, writer as RecordType)];
      case 'enum':
        return [...namesOf(reader, writer), ...symbols(reader, writer)];
      case 'fixed':
        return [...namesOf(reader, writer), ...sizes(reader, writer), ...scales(reader, writer)];
      case 'array':
        return this.between(
          (reader as avro.types.ArrayType).itemsType,
          (writer as avro.types.ArrayType).itemsType,
          '/items',
        );
      case 'map':
        return this.between(
          (reader as avro.types.MapType).valuesType,
          (writer as avro.types.MapType).valuesType,
          '/values',
        );
      case 'bytes':
        return scales(reader, writer);
      default:
        return [];
    }
  }

  /** Any branch may have been written. */
  private fromUnion(reader: avro.Type, writer: avro.Type): Incompatibility[] {
    return branchesOf(writer).flatMap((branch, index) => {
      const found = this.between(reader, branch, '');
      if (found.length === 0 || isUnion(reader)) return found;
      return found.map((one) => ({ ...one, reason: `${one.reason}, which is branch ${index} of the writer's union` }));
    });
  }

  private intoUnion(reader: avro.Type, writer: avro.Type): Incompatibility[] {
    const branches = branchesOf(reader);
    // The branch of the same name and kind is meant: it is looked at first, and what is wrong inside it is the news.
    const meant = branches.findIndex((branch) => kindOf(branch) === kindOf(writer) && sameName(branch, writer));
    const inside = meant < 0 ? [] : this.between(branches[meant]!, writer, `/${meant}`);
    if (meant >= 0 && inside.length === 0) return [];
    if (branches.some((branch, index) => index !== meant && this.between(branch, writer, '').length === 0)) return [];
    const reason = `the union has no branch that reads a ${nameOf(writer)}`;
    return inside.length > 0 ? inside : [{ kind: 'MISSING_UNION_BRANCH', path: '', reason }];
  }

  private fields(reader: RecordType, writer: RecordType): Incompatibility[] {
    const written = new Map(writer.fields.map((field) => [field.name, field]));
    return reader.fields.flatMap((field, index): Incompatibility[] => {
      const at = `/fields/${index}`;
      const names = written.has(field.name) ? [field.name] : field.aliases.filter((alias) => written.has(alias));
      if (names.length > 1) {
        const reason = `the field ${field.name} has the aliases ${names.join(' and ')}, and the writer has a field of each`;
        return [{ kind: 'NAME_MISMATCH', path: at, reason }];
      }
      const source = written.get(names[0] ?? '');
      if (source !== undefined) return this.between(field.type, source.type, `${at}/type`);
      if (field.defaultValue() !== undefined) return [];
      const reason = `the field ${field.name} has no default, and the writer has no such field`;
      return [{ kind: 'READER_FIELD_MISSING_DEFAULT_VALUE', path: at, reason }];
    });
  }
}

function below(path: string, found: readonly Incompatibility[]): Incompatibility[] {
  return found.map((one) => ({ ...one, path: path + one.path }));
}

function isUnion(type: avro.Type): boolean {
  return type.typeName.startsWith('union:');
}

function branchesOf(union: avro.Type): readonly avro.Type[] {
  return (union as avro.types.WrappedUnionType).types;
}

function kindOf(type: avro.Type): string {
  return type.typeName === 'error' ? 'record' : type.typeName;
}

function nameOf(type: avro.Type): string {
  return type.name ?? kindOf(type);
}

function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Names are compared without their namespaces; an alias is a full name. */
function sameName(reader: avro.Type, writer: avro.Type): boolean {
  if (reader.name === undefined || writer.name === undefined) return reader.name === writer.name;
  return unqualified(reader.name) === unqualified(writer.name) || (reader.aliases ?? []).includes(writer.name);
}

function namesOf(reader: avro.Type, writer: avro.Type): Incompatibility[] {
  if (sameName(reader, writer)) return [];
  const reason = `${reader.name} has neither the name nor an alias ${writer.name}`;
  return [{ kind: 'NAME_MISMATCH', path: '/name', reason }];
}

function symbols(reader: avro.Type, writer: avro.Type): Incompatibility[] {
  const known = reader as avro.types.EnumType & { default?: string };
  if (known.default !== undefined) return [];
  const readable = new Set(known.symbols);
  const missing = (writer as avro.types.EnumType).symbols.filter((symbol) => !readable.has(symbol));
  if (missing.length === 0) return [];
  const reason = `the enum ${reader.name} has no default, and lacks ${missing.join(', ')}`;
  return [{ kind: 'MISSING_ENUM_SYMBOLS', path: '/symbols', reason }];
}

function sizes(reader: avro.Type, writer: avro.Type): Incompatibility[] {
  const [expected, found] = [(reader as avro.types.FixedType).size, (writer as avro.types.FixedType).size];
  if (expected === found) return [];
  const reason = `the fixed ${reader.name} has ${expected} bytes, and the writer's has ${found}`;
  return [{ kind: 'FIXED_SIZE_MISMATCH', path: '/size', reason }];
}

/** Two decimals resolve only where precision and scale are the same; a decimal and plain bytes do, as the bytes. */
function scales(reader: avro.Type, writer: avro.Type): Incompatibility[] {
  const [expected, found] = [decimalOf(reader), decimalOf(writer)];
  if (expected === undefined || found === undefined) return [];
  if (expected.precision === found.precision && expected.scale === found.scale) return [];
  const reason = `a decimal(${expected.precision}, ${expected.scale}) cannot be read from a decimal(${found.precision}, ${found.scale})`;
  return [{ kind: 'DECIMAL_MISMATCH', path: '', reason }];
}
