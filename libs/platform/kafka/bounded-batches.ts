import { AsyncLocalStorage } from 'node:async_hooks';
import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { unzip } from 'node:zlib';

/** A batch that unpacks to more is not read, nor one of more records: gzip makes a thousand bytes of one. */
export const MOST_UNPACKED = 16 * 1024 * 1024;
export const MOST_RECORDS = 50_000;
/** What comes with one answer of a broker unpacks to so much; the rest is asked for again. */
const MOST_OF_AN_ANSWER = 64 * 1024 * 1024;
/** Of a record; what more there are is left out. */
const MOST_HEADERS = 64;

/** Where things stand in a record batch, bytes from its beginning. */
const MAGIC_AT = 16;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const BASE_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const COUNT_AT = 57;
const RECORDS_AT = 61;
const CODEC_MASK = 0x07;
const GZIP = 1;
const MARK = Buffer.from('heddle: a batch that is not read');

interface Protocol {
  request: unknown;
  response: { decode(raw: Buffer): Promise<unknown> };
}
interface FetchRequest {
  topics: readonly unknown[];
}
type Header = { key: string; value: Buffer | null };

/** An answer that is being read. */
interface Answer {
  unpacked: number;
  /** Whether a batch may still be written over, and the answer read from its beginning. */
  mayBeginAnew: boolean;
}

/** A batch of the answer was written over. */
class BeginAnew extends Error {}

const require = createRequire(import.meta.url);
const unzipped = promisify(unzip);
const answers = new AsyncLocalStorage<Answer>();
let isMended = false;

/** Why a value stands for a batch that was not read, and holds nothing of it; null for one that was. */
export function whyUnread(value: Buffer | null): string | null {
  if (value === null || value.length < MARK.length || !value.subarray(0, MARK.length).equals(MARK)) return null;
  const most = `${MOST_UNPACKED / 1024 / 1024} MiB or ${MOST_RECORDS} records`;
  return `It ends a batch that unpacks to more than ${most}; none of it is read. Send smaller batches.`;
}

/**
 * kafkajs 2.2.4 unpacks whatever comes, without a bound: 1 MiB of gzip are 1 GiB. With this an answer unpacks to 64 MiB. Instead of a
 * batch that is larger by itself there is one record, at the batch's last offset (`whyUnread`): who reads records takes it for one
 * that cannot be decoded. Which topic comes first in an answer is left to chance, so that none that packs well keeps out the others.
 */
export function boundBatches(): void {
  if (isMended) return;
  isMended = true;
  const { Codecs, Types } = require('kafkajs/src/protocol/message/compression') as {
    Codecs: Record<number, () => object>;
    Types: { GZIP: number };
  };
  const gzip = { ...Codecs[Types.GZIP]!(), decompress };
  Codecs[Types.GZIP] = () => gzip;
  const fetch = require('kafkajs/src/protocol/requests/fetch') as {
    protocol(of: { version: number }): (request: FetchRequest) => Protocol;
  };
  const protocolOf = fetch.protocol;
  fetch.protocol = (version) => {
    const make = protocolOf(version);
    return (request) => {
      const protocol = make({ ...request, topics: shuffled(request.topics) });
      const decode = (raw: Buffer) => decodedWithin(raw, protocol.response.decode);
      return { ...protocol, response: { ...protocol.response, decode } };
    };
  };
  boundHeaders();
}

async function decodedWithin<Decoded>(raw: Buffer, decode: (raw: Buffer) => Promise<Decoded>): Promise<Decoded> {
  try {
    return await answers.run({ unpacked: 0, mayBeginAnew: true }, () => decode(raw));
  } catch (error) {
    if (!(error instanceof BeginAnew)) throw error;
    return answers.run({ unpacked: 0, mayBeginAnew: false }, () => decode(raw));
  }
}

/** The packed records of a batch, which stand behind its header. */
async function decompress(packed: Buffer): Promise<Buffer> {
  const answer = answers.getStore();
  const batch = batchOf(packed);
  if (answer === undefined || batch === null) return unzipped(packed, { maxOutputLength: MOST_UNPACKED });
  const room = MOST_OF_AN_ANSWER - answer.unpacked;
  // kafkajs gives what stands before it, and asks for the rest with the next request.
  if (room <= 0) throw new CutShort();
  if (batch.readInt32BE(COUNT_AT) <= MOST_RECORDS) {
    try {
      const records = await unzipped(packed, { maxOutputLength: Math.min(room, MOST_UNPACKED) });
      answer.unpacked += records.length;
      return records;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE') throw error;
    }
    if (room < MOST_UNPACKED) throw new CutShort();
  }
  if (!answer.mayBeginAnew) throw new CutShort();
  writeStandIn(batch);
  throw new BeginAnew();
}

class CutShort extends Error {
  /** By which kafkajs knows it. */
  override name = 'KafkaJSPartialMessageError';
}

/** Null for the formats before Kafka 0.11. */
function batchOf(packed: Buffer): Buffer | null {
  const { buffer, byteOffset, length } = packed;
  if (byteOffset < RECORDS_AT) return null;
  const batch = Buffer.from(buffer, byteOffset - RECORDS_AT, RECORDS_AT + length);
  const isBatch = batch[MAGIC_AT] === 2 && (batch.readInt16BE(ATTRIBUTES_AT) & CODEC_MASK) === GZIP;
  return isBatch && batch.readInt32BE(8) === batch.length - 12 ? batch : null;
}

/** One record that is not packed, as long as the batch. */
function writeStandIn(batch: Buffer): void {
  batch.writeInt16BE(batch.readInt16BE(ATTRIBUTES_AT) & ~CODEC_MASK, ATTRIBUTES_AT);
  batch.copy(batch, BASE_TIMESTAMP_AT, MAX_TIMESTAMP_AT, MAX_TIMESTAMP_AT + 8);
  batch.writeInt32BE(1, COUNT_AT);
  const last = batch.readInt32BE(LAST_OFFSET_DELTA_AT);
  const length = batch.length - RECORDS_AT - 5;
  const beforeValue = [0, 0, ...varint(last), ...varint(-1)];
  const value = length - beforeValue.length - 5 - 1;
  batch.fill(0, RECORDS_AT);
  batch.set([...varint(length), ...beforeValue, ...varint(value)], RECORDS_AT);
  MARK.copy(batch, batch.length - 1 - value);
}

/** Of five bytes, whatever it is. */
function varint(value: number): number[] {
  const zigZag = ((value << 1) ^ (value >> 31)) >>> 0;
  return [0, 7, 14, 21].map((shift) => ((zigZag >>> shift) & 0x7f) | 0x80).concat(zigZag >>> 28);
}

/** kafkajs copies all headers of a record for each of them: 50,000, which are some 150 KB, take it a minute. */
function boundHeaders(): void {
  const { prototype } = require('kafkajs/src/protocol/decoder') as {
    prototype: { readVarIntArray(reader: (decoder: unknown) => Header): Header[]; readVarInt(): number };
  };
  // Nothing but the decoder of records uses it, whose headers come last.
  prototype.readVarIntArray = function (reader) {
    const length = Math.min(this.readVarInt(), MOST_HEADERS);
    const headers: Header[] = [];
    for (let i = 0; i < length; i++) headers.push(reader(this));
    return headers;
  };
}

function shuffled<Item>(items: readonly Item[]): readonly Item[] {
  if (items.length < 2) return items;
  const first = Math.floor(Math.random() * items.length);
  return [...items.slice(first), ...items.slice(0, first)];
}
