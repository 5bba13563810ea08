import { Buffer } from 'node:buffer';

import { crc32c } from './crc32c.js';

export type Bytes = Buffer | string | null;

/** A record as kafkajs's producers take it. */
export interface BatchRecord {
  key?: Bytes | undefined;
  value?: Bytes | undefined;
  headers?: Readonly<Record<string, Bytes | readonly Bytes[]>> | undefined;
  /** Milliseconds, a number or as a decimal text; without one it is the time of the sending. */
  timestamp?: number | string | null | undefined;
}

/** Records of one partition, and who sends them. */
export interface RecordBatch {
  records: readonly BatchRecord[];
  producerId: bigint;
  producerEpoch: number;
  firstSequence: number;
  transactional: boolean;
}

/** Where things stand in a batch of format 2 (https://kafka.apache.org/documentation/#recordbatch), bytes from its beginning. */
const LENGTH_AT = 8;
const LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const BASE_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const FIRST_SEQUENCE_AT = 53;
const COUNT_AT = 57;
const RECORDS_AT = 61;
const MAGIC = 2;
const TRANSACTIONAL = 0x10;

const LONGEST_VARINT = 5;
/** The length, the attributes, the time (a varint of up to ten bytes), the offset, the number of headers. */
const MOST_AROUND = LONGEST_VARINT + 1 + 10 + LONGEST_VARINT + LONGEST_VARINT;
/** Of texts up to this length it is cheaper to reserve the most bytes that they may become than to count them. */
const SHORT = 63;
const MOST_BYTES_A_UNIT = 3;
/** Zigzag makes it the largest number that a varint of one byte holds. */
const MOST_IN_ONE_BYTE = 63;
/** Of a record's length, for most are between 64 and 8,191 bytes long. */
const GUESSED_WIDTH = 2;

/** More bytes than the batch becomes, by a little. Throws a TypeError for what is neither bytes nor text nor null. */
export function mostBytesOf(records: readonly BatchRecord[]): number {
  let most = RECORDS_AT;
  for (const { key, value, headers } of records) {
    most += MOST_AROUND + mostBytesOfOne(key) + mostBytesOfOne(value);
    if (headers === undefined) continue;
    for (const name of Object.keys(headers)) {
      const theirs = headers[name];
      const nameBytes = mostBytesOfOne(name);
      if (!Array.isArray(theirs)) most += nameBytes + mostBytesOfOne(theirs as Bytes | undefined);
      else for (const one of theirs as readonly Bytes[]) most += nameBytes + mostBytesOfOne(one);
    }
  }
  return most;
}

function mostBytesOfOne(value: Bytes | undefined): number {
  if (value === null || value === undefined) return 1;
  if (typeof value !== 'string') {
    if (Buffer.isBuffer(value)) return LONGEST_VARINT + value.length;
    throw new TypeError(`What a record holds is bytes, a text or null, and not of the type ${typeof value}.`);
  }
  const { length } = value;
  return length <= SHORT ? GUESSED_WIDTH + MOST_BYTES_A_UNIT * length : LONGEST_VARINT + Buffer.byteLength(value);
}

/**
 * Writes an uncompressed batch of format 2 into `bytes`, which have room for `mostBytesOf` its records, and says where it ends.
 *
 * The bytes are kafkajs's, but for two of its errors: it sorts times as texts, so that those of more digits come first, and it
 * cannot write a header without a value. Throws a TypeError for a time that is none.
 */
export function writeBatch(bytes: Buffer, start: number, batch: RecordBatch): number {
  const { records, producerId, producerEpoch, firstSequence, transactional } = batch;
  const now = Date.now();
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const record of records) {
    const time = timeOf(record, now);
    if (time < first) first = time;
    if (time > last) last = time;
  }
  if (records.length === 0) first = last = now;

  bytes.fill(0, start, start + LENGTH_AT);
  bytes.writeInt32BE(0, start + LEADER_EPOCH_AT);
  bytes[start + MAGIC_AT] = MAGIC;
  bytes.writeInt16BE(transactional ? TRANSACTIONAL : 0, start + ATTRIBUTES_AT);
  bytes.writeInt32BE(records.length - 1, start + LAST_OFFSET_DELTA_AT);
  bytes.writeBigInt64BE(BigInt(first), start + BASE_TIMESTAMP_AT);
  bytes.writeBigInt64BE(BigInt(last), start + MAX_TIMESTAMP_AT);
  bytes.writeBigInt64BE(producerId, start + PRODUCER_ID_AT);
  bytes.writeInt16BE(producerEpoch, start + PRODUCER_EPOCH_AT);
  bytes.writeInt32BE(firstSequence, start + FIRST_SEQUENCE_AT);
  bytes.writeInt32BE(records.length, start + COUNT_AT);
  let at = start + RECORDS_AT;
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!;
    at = writeRecord(bytes, at, record, i, timeOf(record, now) - first);
  }

  bytes.writeInt32BE(at - start - LEADER_EPOCH_AT, start + LENGTH_AT);
  bytes.writeUInt32BE(crc32c(bytes, start + ATTRIBUTES_AT, at), start + CRC_AT);
  return at;
}

function timeOf({ timestamp }: BatchRecord, now: number): number {
  const time = typeof timestamp === 'number' ? timestamp || now : timestamp ? Number(timestamp) : now;
  if (!Number.isSafeInteger(time)) throw new TypeError(`A record's time is milliseconds since 1970, not ${timestamp}.`);
  return time;
}

function writeRecord(bytes: Buffer, start: number, record: BatchRecord, offset: number, delay: number): number {
  const { key, value, headers } = record;
  let at = start + GUESSED_WIDTH;
  bytes[at++] = 0;
  at = writeDelay(bytes, at, delay);
  at = writeVarint(bytes, at, offset);
  at = writeOne(bytes, at, key);
  at = writeOne(bytes, at, value);
  at = headers === undefined ? writeVarint(bytes, at, 0) : writeHeaders(bytes, at, headers);
  return writeLength(bytes, start, GUESSED_WIDTH, at, at - start - GUESSED_WIDTH);
}

function writeHeaders(bytes: Buffer, start: number, headers: NonNullable<BatchRecord['headers']>): number {
  let at = start + 1;
  let count = 0;
  for (const name of Object.keys(headers)) {
    const theirs = headers[name];
    if (!Array.isArray(theirs)) {
      at = writeOne(bytes, writeOne(bytes, at, name), theirs as Bytes | undefined);
      count++;
      continue;
    }
    for (const one of theirs as readonly Bytes[]) at = writeOne(bytes, writeOne(bytes, at, name), one);
    count += theirs.length;
  }
  return writeLength(bytes, start, 1, at, count);
}

/** Before what is written already, which moves where the length takes more or fewer bytes than were left for it. */
function writeLength(bytes: Buffer, start: number, left: number, end: number, length: number): number {
  const width = widthOf(length);
  if (width !== left) bytes.copyWithin(start + width, start + left, end);
  writeVarint(bytes, start, length);
  return end + width - left;
}

function writeOne(bytes: Buffer, start: number, value: Bytes | undefined): number {
  if (value === null || value === undefined) return writeVarint(bytes, start, -1);
  if (typeof value !== 'string') {
    const at = writeVarint(bytes, start, value.length);
    bytes.set(value, at);
    return at + value.length;
  }
  if (value.length > SHORT) {
    const length = Buffer.byteLength(value);
    const at = writeVarint(bytes, start, length);
    bytes.write(value, at);
    return at + length;
  }
  const length = bytes.write(value, start + 1);
  if (length <= MOST_IN_ONE_BYTE) {
    bytes[start] = length << 1;
    return start + 1 + length;
  }
  const at = writeVarint(bytes, start, length);
  bytes.write(value, at);
  return at + length;
}

/** As of an int64; it is never negative. */
function writeDelay(bytes: Buffer, start: number, delay: number): number {
  let at = start;
  let rest = delay * 2;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  bytes[at++] = rest;
  return at;
}

function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start;
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}

/** How many bytes the varint of a length has. */
function widthOf(length: number): number {
  let width = 1;
  for (let rest = length >>> 6; rest > 0; rest >>>= 7) width++;
  return width;
}
