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
/** Of a record; what more there are is left out: 50,000 of them, which are some 150 KB, are no header. */
const MOST_HEADERS = 64;

export class MalformedBatchError extends Error {
  override name = 'MalformedBatchError';
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

  private constructor(private readonly bytes: Buffer) {
    const attributes = bytes.readInt16BE(ATTRIBUTES_AT);
    this.count = bytes.readInt32BE(COUNT_AT);
    this.codec = attributes & CODEC_MASK;
    this.baseOffset = int64(bytes, 0);
    this.baseTimestamp = int64(bytes, BASE_TIMESTAMP_AT);
    this.context = {
      firstOffset: String(this.baseOffset),
      firstTimestamp: String(this.baseTimestamp),
      maxTimestamp: String(int64(bytes, MAX_TIMESTAMP_AT)),
      partitionLeaderEpoch: bytes.readInt32BE(LEADER_EPOCH_AT),
      inTransaction: (attributes & TRANSACTIONAL_MASK) !== 0,
      isControlBatch: (attributes & CONTROL_MASK) !== 0,
      lastOffsetDelta: bytes.readInt32BE(LAST_OFFSET_DELTA_AT),
      producerId: bytes.readBigInt64BE(PRODUCER_ID_AT).toString(),
      producerEpoch: bytes.readInt16BE(PRODUCER_EPOCH_AT),
      firstSequence: bytes.readInt32BE(BASE_SEQUENCE_AT),
      magicByte: MAGIC,
      timestampType: (attributes & LOG_APPEND_TIME_MASK) === 0 ? 0 : 1,
    };
  }

  /** The batch that begins there, and where it ends; null where it is cut off. Throws MalformedBatchError for what is older than Kafka 0.11. */
  static at(bytes: Buffer, from: number): { batch: RecordBatch; end: number } | null {
    if (bytes.length - from < RECORDS_AT) return null;
    const end = from + LEADER_EPOCH_AT + bytes.readInt32BE(from + LENGTH_AT);
    if (end > bytes.length) return null;
    if (bytes[from + MAGIC_AT] !== MAGIC || end < from + RECORDS_AT) {
      throw new MalformedBatchError('A batch of records is not of version 2, which is that of Kafka 0.11 and later.');
    }
    return { batch: new RecordBatch(bytes.subarray(from, end)), end };
  }

  /** Its records as they came. */
  get packed(): Buffer {
    return this.bytes.subarray(RECORDS_AT);
  }

  /** The records among these bytes, which are `packed`, unpacked. They share its memory. Throws MalformedBatchError. */
  records(unpacked: Buffer): BatchRecord[] {
    const reader = new RecordReader(unpacked);
    const { context, baseOffset, baseTimestamp } = this;
    const { isControlBatch, maxTimestamp, timestampType } = context;
    const records: BatchRecord[] = [];
    for (let i = 0; i < this.count; i++) {
      const end = reader.begin();
      const attributes = reader.byte();
      const timestampDelta = reader.varlong();
      const offsetDelta = reader.varint();
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
      reader.at = end;
    }
    return records;
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
}

class RecordReader {
  at = 0;
  /** The records of a batch mostly have headers of the same names, in the same order. */
  private readonly names: { from: number; length: number; text: string }[] = [];

  constructor(private readonly buffer: Buffer) {}

  /** Where the record that begins here ends. */
  begin(): number {
    const length = this.varint();
    return this.within(length);
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
    const from = this.at;
    this.at = this.within(length);
    return this.buffer.subarray(from, this.at);
  }

  /** Of a name that comes several times, all values. */
  headers(): BatchRecord['headers'] {
    const found: BatchRecord['headers'] = {};
    const count = Math.min(this.varint(), MOST_HEADERS);
    for (let i = 0; i < count; i++) {
      const name = this.name(i);
      const value = this.bytes();
      const before = found[name];
      if (before === undefined) {
        // As an own property, whatever it is called.
        if (name === '__proto__') Object.defineProperty(found, name, { value, enumerable: true, writable: true });
        else found[name] = value;
      } else if (Array.isArray(before)) before.push(value);
      else found[name] = [before, value];
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

function cutOff(): MalformedBatchError {
  return new MalformedBatchError('A record says that it is longer than its batch.');
}

function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}
