import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { unzip } from 'node:zlib';
import {
  type BatchRecord,
  MalformedBatchError,
  MOST_HEADERS_OF_BATCH,
  RecordBatch,
  TooManyHeadersError,
} from './record-batch-reader.js';

/** A batch that unpacks to more is not read, nor one of more records: gzip makes a thousand bytes of one. */
const MOST_UNPACKED = 16 * 1024 * 1024;
const MOST_RECORDS = 50_000;
/** What is read of one answer of a broker takes so much memory; the rest is asked for again. */
const MOST_OF_AN_ANSWER = 64 * 1024 * 1024;
const NONE = 0;
const GZIP = 1;
/** Kafka has it since 2.3. */
const FETCH_VERSION = 11;

/** The values of records that stand for a batch: these, and no others of the same bytes. */
export const TOO_LARGE = Buffer.from('heddle: a batch that is too large');
const OTHER_CODEC = Buffer.from('heddle: a batch that is packed otherwise');
const MALFORMED = Buffer.from('heddle: a batch that is malformed');
const WHY_UNREAD: ReadonlyMap<Buffer | null, string> = new Map([
  [
    TOO_LARGE,
    `It ends a batch that unpacks to more than ${MOST_UNPACKED / 1024 / 1024} MiB, ${MOST_RECORDS} records or ${MOST_HEADERS_OF_BATCH} headers; none of it is read. Send smaller batches.`,
  ],
  [
    OTHER_CODEC,
    'It ends a batch that is packed with zstd, lz4 or snappy; none of it is read. Set the topic to compression.type=gzip.',
  ],
  [
    MALFORMED,
    'It ends a batch whose records do not follow the format of Kafka, or that is older than Kafka 0.11; none of it is read.',
  ],
]);

interface Protocol {
  request: unknown;
  response: { decode(raw: Buffer): Promise<unknown> };
}

/** An answer to a Fetch request of version 11, in the words of kafkajs. 64-bit numbers are decimal texts. */
export interface FetchAnswer {
  throttleTime: number;
  clientSideThrottleTime: number;
  errorCode: number;
  sessionId: number;
  responses: { topicName: string; partitions: FetchedPartition[] }[];
}
interface FetchedPartition {
  partition: number;
  errorCode: number;
  highWatermark: string;
  lastStableOffset: string;
  lastStartOffset: string;
  abortedTransactions: { producerId: string; firstOffset: string }[];
  preferredReadReplica: number;
  messages: BatchRecord[];
}

const require = createRequire(import.meta.url);
const unzipped = promisify(unzip);
let isMended = false;

/** Why a value stands for a batch that was not read, and holds nothing of it; null for one that was. */
export function whyUnread(value: Buffer | null): string | null {
  return WHY_UNREAD.get(value) ?? null;
}

/**
 * kafkajs 2.2.4 takes 15 µs and 10 KB to read a record, most of it for its headers, and unpacks whatever comes: 1 MiB of gzip are
 * 1 GiB. With this it reads answers of brokers by `fetchAnswerOf`.
 */
export function readAnswersLean(): void {
  if (isMended) return;
  isMended = true;
  const fetch = require('kafkajs/src/protocol/requests/fetch') as {
    protocol(of: { version: number }): (request: object) => Protocol;
  };
  const protocolOf = fetch.protocol;
  fetch.protocol = ({ version }) => {
    if (version !== FETCH_VERSION) throw new Error('The brokers are older than Kafka 2.3, and cannot be read from.');
    const make = protocolOf({ version });
    return (request) => {
      const protocol = make(request);
      return { ...protocol, response: { ...protocol.response, decode: fetchAnswerOf } };
    };
  };
}

/**
 * https://kafka.apache.org/protocol#The_Messages_Fetch. What is read of an answer takes about 64 MiB; what stands behind that is
 * left out, as if the broker had not sent it: kafkajs asks for partitions by turns of chance, so that each is first some time.
 * Instead of a batch that is larger by itself, packed otherwise than with gzip, or malformed, there is one record, at the batch's last
 * offset, and whoever reads asks `whyUnread`: none keeps out the others of the same answer.
 */
export async function fetchAnswerOf(raw: Buffer): Promise<FetchAnswer> {
  const answer = new AnswerReader(raw);
  const clientSideThrottleTime = answer.int32();
  const errorCode = answer.int16();
  const sessionId = answer.int32();
  const responses: FetchAnswer['responses'] = [];
  const room = { left: MOST_OF_AN_ANSWER };
  for (let topics = answer.int32(); topics > 0; topics--) {
    const topicName = answer.text();
    const partitions: FetchedPartition[] = [];
    for (let left = answer.int32(); left > 0; left--) {
      const { records, ...partition } = answer.partition();
      partitions.push({ ...partition, messages: await recordsOf(records, room) });
    }
    responses.push({ topicName, partitions });
  }
  // kafkajs would wait again for as long as the broker has made it wait.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

/** Of a partition's batches, one after the other; the last one may be cut off. */
async function recordsOf(bytes: Buffer, room: { left: number }): Promise<BatchRecord[]> {
  const parts: BatchRecord[][] = [];
  for (let found = RecordBatch.at(bytes, 0); found !== null; found = RecordBatch.at(bytes, found.end)) {
    const records = await recordsOfBatch(found.batch, room);
    if (records === null) break;
    parts.push(records);
  }
  return parts.length === 1 ? parts[0]! : parts.flat();
}

/** Null where there is no room for them. */
async function recordsOfBatch(batch: RecordBatch, room: { left: number }): Promise<BatchRecord[] | null> {
  const insteadOf = batch.count > MOST_RECORDS ? TOO_LARGE : batch.isReadable ? null : MALFORMED;
  if (insteadOf !== null) return [batch.standIn(insteadOf)];
  if (batch.codec !== NONE && batch.codec !== GZIP) return [batch.standIn(OTHER_CODEC)];
  if (room.left <= 0) return null;
  const most = Math.min(room.left, MOST_UNPACKED);
  try {
    const { packed } = batch;
    const unpacked = batch.codec === NONE ? packed : await unzipped(packed, { maxOutputLength: most });
    const { records, bytes: taken } = batch.records(unpacked);
    room.left -= taken;
    return records;
  } catch (error) {
    // What was unpacked in vain has taken its time, too.
    room.left -= MOST_UNPACKED;
    if (!isTooLarge(error)) return [batch.standIn(MALFORMED)];
    return error instanceof TooManyHeadersError || most === MOST_UNPACKED ? [batch.standIn(TOO_LARGE)] : null;
  }
}

/** Throws what is neither the batch's size nor its bytes. */
function isTooLarge(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (error instanceof TooManyHeadersError || code === 'ERR_BUFFER_TOO_LARGE') return true;
  if (error instanceof MalformedBatchError || code.startsWith('Z_')) return false;
  throw error;
}

class AnswerReader {
  private at = 0;

  constructor(private readonly raw: Buffer) {}

  partition(): Omit<FetchedPartition, 'messages'> & { records: Buffer } {
    return {
      partition: this.int32(),
      errorCode: this.int16(),
      highWatermark: this.int64(),
      lastStableOffset: this.int64(),
      lastStartOffset: this.int64(),
      abortedTransactions: this.abortedTransactions(),
      preferredReadReplica: this.int32(),
      records: this.bytes(Math.max(0, this.int32())),
    };
  }

  int16(): number {
    const value = this.raw.readInt16BE(this.at);
    this.at += 2;
    return value;
  }

  int32(): number {
    const value = this.raw.readInt32BE(this.at);
    this.at += 4;
    return value;
  }

  text(): string {
    return this.bytes(this.int16()).toString('utf8');
  }

  private int64(): string {
    const value = this.raw.readBigInt64BE(this.at);
    this.at += 8;
    return value.toString();
  }

  private abortedTransactions(): FetchedPartition['abortedTransactions'] {
    const found: FetchedPartition['abortedTransactions'] = [];
    for (let left = this.int32(); left > 0; left--) found.push({ producerId: this.int64(), firstOffset: this.int64() });
    return found;
  }

  private bytes(length: number): Buffer {
    const from = this.at;
    this.at += length;
    return this.raw.subarray(from, this.at);
  }
}
