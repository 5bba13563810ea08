import avro from 'avsc';
import { compileSchema } from '../../../platform/registry/avro-schema.js';
import { AvroBytes } from './avro-bytes.js';

const MOST_KEPT = 500;
/** To compile one takes about 0.1 s, in which nothing else is done. */
const MOST_SCHEMA = 64 * 1024;
/** Of a record: with more, its data is larger than any that is taken. */
const MOST_VALUES = 400_000;
/** Of one that has few bytes: a null takes none, and a thousand records are read at once. */
const MOST_WITHOUT_BYTES = 10_000;
const VALUES_A_BYTE = 4;

/** Bytes that are no Avro of their schema. */
export class UndecodableError extends Error {
  override name = 'UndecodableError';
}

/** Reads Avro as plain JSON: a union's value as it is, bytes as text of characters up to U+00FF, a timestamp as text. */
export class AvroValues {
  /** A schema that cannot be used is known by why. */
  private readonly compiled = new Map<string, avro.Type | UndecodableError>();

  /** Throws UndecodableError. */
  read(schema: string, payload: Buffer): unknown {
    let type = this.compiled.get(schema);
    if (type === undefined) {
      type = compiled(schema);
      if (this.compiled.size >= MOST_KEPT) this.compiled.clear();
      this.compiled.set(schema, type);
    }
    if (type instanceof UndecodableError) throw type;
    try {
      return new DatumReader(new AvroBytes(payload)).whole(type);
    } catch (error) {
      throw new UndecodableError(`The bytes do not fit their schema: ${(error as Error).message}`);
    }
  }
}

/** Only known by its class. */
class TimestampType extends avro.types.LogicalType {
  protected override _fromValue(value: unknown): unknown {
    return value;
  }

  protected override _toValue(value: unknown): unknown {
    return value;
  }
}

function compiled(schema: string): avro.Type | UndecodableError {
  try {
    if (schema.length > MOST_SCHEMA) throw new Error(`it is longer than ${MOST_SCHEMA} characters`);
    // First by the registry's own rules, for what avsc alone would take.
    compileSchema(schema);
    const logicalTypes = { 'timestamp-millis': TimestampType };
    return avro.Type.forSchema(JSON.parse(schema), { wrapUnions: 'always', logicalTypes });
  } catch (error) {
    return new UndecodableError(`The schema cannot be used: ${(error as Error).message}`);
  }
}

/**
 * One record, value by value, as many as it may have. avsc's own reader asks nobody: five bytes can say that a list has
 * 2^30 nulls, which take no bytes, and a schema can make an object of a thousand names of each byte.
 */
class DatumReader {
  private readonly most: number;
  private left: number;

  constructor(private readonly bytes: AvroBytes) {
    this.most = Math.min(MOST_VALUES, MOST_WITHOUT_BYTES + VALUES_A_BYTE * bytes.length);
    this.left = this.most;
  }

  whole(type: avro.Type): unknown {
    const value = this.value(type);
    if (!this.bytes.isAtEnd) throw new Error('there are bytes after the end');
    return value;
  }

  private value(type: avro.Type): unknown {
    if (--this.left < 0) throw new Error(`they hold more than ${this.most} values`);
    const { bytes } = this;
    if (type instanceof TimestampType) return instantOf(this.value(type.underlyingType));
    if (type.typeName.startsWith('union:')) {
      return this.value(nth((type as avro.types.WrappedUnionType).types, bytes.long(), 'branch'));
    }
    switch (type.typeName) {
      case 'null':
        return null;
      case 'boolean':
        return bytes.boolean();
      case 'int':
        return bytes.int();
      case 'long':
        return bytes.long();
      case 'float':
        return bytes.float();
      case 'double':
        return bytes.double();
      case 'bytes':
        return bytes.take(bytes.long()).toString('latin1');
      case 'fixed':
        return bytes.take((type as avro.types.FixedType).size).toString('latin1');
      case 'string':
        return bytes.take(bytes.long()).toString('utf8');
      case 'enum':
        return nth((type as avro.types.EnumType).symbols, bytes.long(), 'symbol');
      case 'array':
        return this.blocks(() => this.value((type as avro.types.ArrayType).itemsType));
      case 'map': {
        const { valuesType } = type as avro.types.MapType;
        return Object.fromEntries(
          this.blocks(() => [bytes.take(bytes.long()).toString('utf8'), this.value(valuesType)] as const),
        );
      }
      case 'record':
      case 'error':
        return Object.fromEntries(
          (type as avro.types.RecordType).fields.map((field) => [field.name, this.value(field.type)]),
        );
      default:
        throw new Error(`there is no reading a ${type.typeName}`);
    }
  }

  private blocks<Item>(item: () => Item): Item[] {
    const items: Item[] = [];
    for (let count = this.bytes.long(); count !== 0; count = this.bytes.long()) {
      // Of a block whose bytes are counted, too.
      if (count < 0) this.bytes.long();
      for (let i = Math.abs(count); i > 0; i--) items.push(item());
    }
    return items;
  }
}

/** As requests have times. */
function instantOf(value: unknown): unknown {
  return typeof value === 'number' ? new Date(value).toISOString() : value;
}

function nth<Item>(items: readonly Item[], index: number, what: string): Item {
  const item = items[index];
  if (item === undefined) throw new Error(`there is no ${what} ${index}`);
  return item;
}
