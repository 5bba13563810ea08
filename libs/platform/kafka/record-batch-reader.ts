import { Buffer } from 'node:buffer';

/** Where things stand in a record batch of version 2, bytes from its beginning: https://kafka.apache.org/documentation/#recordbatch */
const LENGTH_AT = 8;
const LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const BASE_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const BASE_SEQUENCE_AT = 53;
const COUNT_AT = 57;
const RECORDS_AT = 61;

const MAGIC = 2;
const CODEC_MASK = 0x07;
const LOG_APPEND_TIME_MASK = 0x08;
const TRANSACTIONAL_MASK = 0x10;
const CONTROL_MASK = 0x20;
/** In every format so far. */
const SEEN_AT_LEAST = MAGIC_AT + 1;
/** Of a record; what more there are is left out: 50,000 of them, which are some 150 KB, are no header. */
const MOST_HEADERS = 64;
/** Of a batch, of those that are read. */
export const MOST_HEADERS_OF_BATCH = 200_000;
/** About what a record and a header take in memory beside their bytes, where they are small. */
const BYTES_OF_A_RECORD = 200;
const BYTES_OF_A_HEADER = 120;
const EMPTY = Buffer.alloc(0);

/** Bytes that are no records of a batch, whatever it says of itself. */
export class MalformedBatchError extends Error {
  override name = 'MalformedBatchError';
}

/** More headers than `MOST_HEADERS_OF_BATCH`. */
export class TooManyHeadersError extends Error {
  override name = 'TooManyHeadersError';
}

/** What a batch says of all its records, in the words of kafkajs, which leaves out by it what was aborted. 64-bit numbers are decimal texts. */
export interface BatchContext {
  firstOffset: string;
  firstTimestamp: string;
  maxTimestamp: string;
  partitionLeaderEpoch: number;
  inTransaction: boolean;
  isControlBatch: boolean;
  lastOffsetDelta: number;
  producerId: string;
  producerEpoch: number;
  firstSequence: number;
  magicByte: number;
  /** 1 for the broker's own time. */
  timestampType: number;
}

export type HeaderValue = Buffer | null;

/** A record as kafkajs gives it. */
export interface BatchRecord {
  magicByte: number;
  attributes: number;
  /** ms, a decimal text. */
  timestamp: string;
  /** A decimal text. */
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, HeaderValue | HeaderValue[]>;
  isControlRecord: boolean;
  batchContext: BatchContext;
}

/** A record batch whose header is read, and whose records may be packed. */
export class RecordBatch {
  readonly context: BatchContext;
  /** Of its records, as it says. */
  readonly count: number;
  /** 0 for none, 1 for gzip. */
  readonly codec: number;
  private readonly baseOffset: number;
  private readonly baseTimestamp: number;

  private constructor(
    private readonly bytes: Buffer,
    /** False for what is older than Kafka 0.11, of which nothing is known but its (last) offset. */
    readonly isReadable: boolean,
  ) {
    const attributes = isReadable ? bytes.readInt16BE(ATTRIBUTES_AT) : 0;
    this.count = isReadable ? bytes.readInt32BE(COUNT_AT) : 0;
    this.codec = attributes & CODEC_MASK;
    this.baseOffset = int64(bytes, 0);
    this.baseTimestamp = isReadable ? int64(bytes, BASE_TIMESTAMP_AT) : 0;
    this.context = {
      firstOffset: String(this.baseOffset),
      firstTimestamp: String(this.baseTimestamp),
      maxTimestamp: String(isReadable ? int64(bytes, MAX_TIMESTAMP_AT) : 0),
      partitionLeaderEpoch: isReadable ? bytes.readInt32BE(LEADER_EPOCH_AT) : 0,
      inTransaction: (attributes & TRANSACTIONAL_MASK) !== 0,
      isControlBatch: (attributes & CONTROL_MASK) !== 0,
      lastOffsetDelta: isReadable ? bytes.readInt32BE(LAST_OFFSET_DELTA_AT) : 0,
      producerId: isReadable ? bytes.readBigInt64BE(PRODUCER_ID_AT).toString() : '-1',
      producerEpoch: isReadable ? bytes.readInt16BE(PRODUCER_EPOCH_AT) : -1,
      firstSequence: isReadable ? bytes.readInt32BE(BASE_SEQUENCE_AT) : -1,
      magicByte: bytes[MAGIC_AT]!,
      timestampType: (attributes & LOG_APPEND_TIME_MASK) === 0 ? 0 : 1,
    };
  }

  /** The batch that begins there, and where it ends; null where it is cut off. */
  static at(bytes: Buffer, from: number): { batch: RecordBatch; end: number } | null {
    if (bytes.length - from < SEEN_AT_LEAST) return null;
    const end = from + LEADER_EPOCH_AT + bytes.readInt32BE(from + LENGTH_AT);
    if (end > bytes.length || end < from + SEEN_AT_LEAST) return null;
    const isReadable = bytes[from + MAGIC_AT] === MAGIC && end >= from + RECORDS_AT;
    return { batch: new RecordBatch(bytes.subarray(from, end), isReadable), end };
  }

  /** Its records as they came. */
  get packed(): Buffer {
    return this.bytes.subarray(RECORDS_AT);
  }

  /**
   * The records among these bytes, which are `packed`, unpacked, and about how many bytes of memory they take. They share that of the
   * bytes. A broker does not look into what is packed: what a record says of its length and its offset holds where it can be, and
   * else all of them are none. Throws MalformedBatchError and TooManyHeadersError.
   */
  records(unpacked: Buffer): { records: BatchRecord[]; bytes: number } {
    const reader = new RecordReader(unpacked);
    const { context, baseOffset, baseTimestamp } = this;
    const { isControlBatch, lastOffsetDelta, maxTimestamp, timestampType } = context;
    const records: BatchRecord[] = [];
    let last = -1;
    for (let i = 0; i < this.count; i++) {
      const end = reader.begin();
      const attributes = reader.byte();
      const timestampDelta = reader.varlong();
      const offsetDelta = reader.varint();
      if (offsetDelta <= last || offsetDelta > lastOffsetDelta) {
        throw new MalformedBatchError('The offsets of a batch are not in order, or beyond its last one.');
      }
      last = offsetDelta;
      records.push({
        magicByte: MAGIC,
        attributes,
        timestamp: timestampType === 1 ? maxTimestamp : String(baseTimestamp + timestampDelta),
        offset: String(baseOffset + offsetDelta),
        key: reader.bytes(),
        value: reader.bytes(),
        headers: reader.headers(),
        isControlRecord: isControlBatch,
        batchContext: context,
      });
      reader.leave(end);
    }
    if (last < lastOffsetDelta) records.push(this.passing());
    const bytes = unpacked.length + BYTES_OF_A_RECORD * records.length + BYTES_OF_A_HEADER * reader.headersRead;
    return { records, bytes };
  }

  /** One record at its last offset, in place of all that it holds. */
  standIn(value: Buffer): BatchRecord {
    const { context } = this;
    return {
      magicByte: MAGIC,
      attributes: 0,
      timestamp: context.maxTimestamp,
      offset: String(this.baseOffset + context.lastOffsetDelta),
      key: null,
      value,
      headers: {},
      isControlRecord: context.isControlBatch,
      batchContext: context,
    };
  }

  /** Behind what compaction has left of a batch, which may be nothing: by it kafkajs goes on to the next batch. */
  private passing(): BatchRecord {
    return { ...this.standIn(EMPTY), isControlRecord: true };
  }
}

class RecordReader {
  headersRead = 0;
  private at = 0;
  /** The records of a batch mostly have headers of the same names, in the same order. */
  private readonly names: { from: number; length: number; text: string }[] = [];

  constructor(private readonly buffer: Buffer) {}

  /** Where the record that begins here ends. */
  begin(): number {
    const length = this.varint();
    return this.within(length);
  }

  /** Goes on behind a record, which must not have ended before what it holds. */
  leave(end: number): void {
    if (this.at > end) throw cutOff();
    this.at = end;
  }

  byte(): number {
    const end = this.within(1);
    const value = this.buffer.readInt8(this.at);
    this.at = end;
    return value;
  }

  varint(): number {
    const { buffer } = this;
    let byte = buffer[this.at++]!;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 28) throw new MalformedBatchError('A number of a record has more than 32 bits.');
      byte = buffer[this.at++]!;
      value |= (byte & 0x7f) << shift;
    }
    if (this.at > buffer.length) throw cutOff();
    return (value >>> 1) ^ -(value & 1);
  }

  /** Exact up to 2^53. */
  varlong(): number {
    const { buffer } = this;
    let byte = buffer[this.at++]!;
    let value = byte & 0x7f;
    for (let unit = 0x80; byte >= 0x80; unit *= 0x80) {
      if (unit > 2 ** 63) throw new MalformedBatchError('A number of a record has more than 64 bits.');
      byte = buffer[this.at++]!;
      value += (byte & 0x7f) * unit;
    }
    if (this.at > buffer.length) throw cutOff();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    if (length === 0) return EMPTY;
    const from = this.at;
    this.at = this.within(length);
    return this.buffer.subarray(from, this.at);
  }

  /** Of a name that comes several times, all values. */
  headers(): BatchRecord['headers'] {
    const found: BatchRecord['headers'] = {};
    const count = Math.min(this.varint(), MOST_HEADERS);
    this.headersRead += Math.max(0, count);
    if (this.headersRead > MOST_HEADERS_OF_BATCH) throw new TooManyHeadersError();
    for (let i = 0; i < count; i++) {
      const name = this.name(i);
      const value = this.bytes();
      const before = Object.hasOwn(found, name) ? found[name] : undefined;
      if (before === undefined) define(found, name, value);
      else if (Array.isArray(before)) before.push(value);
      else define(found, name, [before, value]);
    }
    return found;
  }

  /** Of the header at this place; as that of the record before it, where the bytes are the same. */
  private name(place: number): string {
    const length = Math.max(0, this.varint());
    const from = this.at;
    this.at = this.within(length);
    const known = this.names[place];
    if (known?.length === length && this.isSame(known.from, from, length)) return known.text;
    const text = this.buffer.toString('utf8', from, this.at);
    this.names[place] = { from, length, text };
    return text;
  }

  private isSame(one: number, other: number, length: number): boolean {
    const { buffer } = this;
    for (let i = 0; i < length; i++) if (buffer[one + i] !== buffer[other + i]) return false;
    return true;
  }

  private within(length: number): number {
    const end = this.at + length;
    if (length < 0 || end > this.buffer.length) throw cutOff();
    return end;
  }
}

/** As an own property, whatever it is called. */
function define(headers: BatchRecord['headers'], name: string, value: HeaderValue | HeaderValue[]): void {
  if (name !== '__proto__') headers[name] = value;
  else Object.defineProperty(headers, name, { value, enumerable: true, writable: true, configurable: true });
}

function cutOff(): MalformedBatchError {
  return new MalformedBatchError('A record says that it is longer than its batch.');
}

function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
