/**
 * Arrays in Postgres's binary format (`array_send` in src/backend/utils/adt/arrayfuncs.c), as parameters of
 * `unnest`. `pg` sends a Buffer as a binary parameter, so a group of rows costs one copy instead of text that is
 * escaped here and parsed there.
 * The statement must cast each parameter (`$1::uuid[]`).
 */
const UUID = 2950;
const TEXT = 25;
const BYTEA = 17;
const INT4 = 23;
const INT8 = 20;
const TIMESTAMPTZ = 1184;
const FLOAT8 = 701;
const BOOL = 16;
const HEADER = 20;

/** Postgres counts microseconds from 2000-01-01. */
const POSTGRES_EPOCH_MS = 946_684_800_000;

function header(elementType: number, count: number, bytes: number, hasNulls: boolean): Buffer {
  const array = Buffer.allocUnsafe(count === 0 ? 12 : HEADER + bytes);
  array.writeInt32BE(count === 0 ? 0 : 1, 0);
  array.writeInt32BE(hasNulls ? 1 : 0, 4);
  array.writeInt32BE(elementType, 8);
  if (count > 0) {
    array.writeInt32BE(count, 12);
    array.writeInt32BE(1, 16);
  }
  return array;
}

function ofBuffers(elementType: number, items: readonly (Buffer | null)[]): Buffer {
  let bytes = 0;
  let hasNulls = false;
  for (const item of items) {
    bytes += 4 + (item?.length ?? 0);
    hasNulls ||= item === null;
  }
  const array = header(elementType, items.length, bytes, hasNulls);
  let at = HEADER;
  for (const item of items) {
    if (item === null) {
      array.writeInt32BE(-1, at);
      at += 4;
    } else {
      array.writeInt32BE(item.length, at);
      item.copy(array, at + 4);
      at += 4 + item.length;
    }
  }
  return array;
}

/** `uuid[]` from 16-byte buffers. */
export function uuidArray(items: readonly (Buffer | null)[]): Buffer {
  return ofBuffers(UUID, items);
}

/** `uuid[]` from prefixed ids: their hex digits are written in place. Throws for what has not 32 of them. */
export function idArray(ids: readonly (string | null)[]): Buffer {
  return ofFixed(UUID, 16, ids, (array, id, at) => {
    // The array is not zeroed: what is left unwritten is whatever the memory held.
    if (array.write(id.slice(-32), at, 'hex') !== 16) throw new Error('An id does not end in 32 hexadecimal digits.');
  });
}

/** `bytea[]`. */
export function byteaArray(items: readonly (Buffer | null)[]): Buffer {
  return ofBuffers(BYTEA, items);
}

/** `text[]`. A NUL is refused by Postgres: keep it out at the edge. */
export function textArray(items: readonly (string | null)[]): Buffer {
  let bytes = 0;
  let hasNulls = false;
  for (const item of items) {
    bytes += 4 + (item === null ? 0 : Buffer.byteLength(item));
    hasNulls ||= item === null;
  }
  const array = header(TEXT, items.length, bytes, hasNulls);
  let at = HEADER;
  for (const item of items) {
    if (item === null) {
      array.writeInt32BE(-1, at);
      at += 4;
    } else {
      const length = array.write(item, at + 4);
      array.writeInt32BE(length, at);
      at += 4 + length;
    }
  }
  return array;
}

function ofFixed<T>(
  elementType: number,
  size: number,
  items: readonly (T | null)[],
  write: (array: Buffer, item: T, at: number) => void,
): Buffer {
  let nulls = 0;
  for (const item of items) if (item === null) nulls++;
  const array = header(elementType, items.length, items.length * (4 + size) - nulls * size, nulls > 0);
  let at = HEADER;
  for (const item of items) {
    if (item === null) {
      array.writeInt32BE(-1, at);
      at += 4;
    } else {
      array.writeInt32BE(size, at);
      write(array, item, at + 4);
      at += 4 + size;
    }
  }
  return array;
}

/** `double precision[]`. */
export function float8Array(items: readonly (number | null)[]): Buffer {
  return ofFixed(FLOAT8, 8, items, (array, item, at) => array.writeDoubleBE(item, at));
}

/** `integer[]`. */
export function int4Array(items: readonly (number | null)[]): Buffer {
  return ofFixed(INT4, 4, items, (array, item, at) => array.writeInt32BE(item, at));
}

/** `bigint[]` from safe integers. */
export function int8Array(items: readonly (number | null)[]): Buffer {
  return ofFixed(INT8, 8, items, (array, item, at) => array.writeBigInt64BE(BigInt(item), at));
}

/** `boolean[]`. */
export function boolArray(items: readonly (boolean | null)[]): Buffer {
  return ofFixed(BOOL, 1, items, (array, item, at) => array.writeUInt8(item ? 1 : 0, at));
}

/** `timestamptz[]` from milliseconds since 1970. */
export function timestampArray(items: readonly (number | null)[]): Buffer {
  return ofFixed(TIMESTAMPTZ, 8, items, (array, item, at) =>
    array.writeBigInt64BE(BigInt(Math.round((item - POSTGRES_EPOCH_MS) * 1000)), at),
  );
}
