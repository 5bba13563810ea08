import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { type BatchRecord, mostBytesOf, writeBatch } from './record-batch.js';

interface Encoder {
  readonly buffer: Buffer;
}

export interface ProduceRequest {
  transactionalId?: string | null | undefined;
  acks: number;
  timeout: number;
  /** A number, a decimal text, or kafkajs's Long. */
  producerId?: number | string | bigint | { value: bigint } | undefined;
  producerEpoch?: number | undefined;
  compression?: number | undefined;
  topicData: readonly {
    topic: string;
    partitions: readonly { partition: number; firstSequence?: number; messages: readonly BatchRecord[] }[];
  }[];
}

interface Protocol {
  request: { encode(): Promise<Encoder> };
  response: unknown;
}

/** The first version whose batches have format 2. */
const FIRST_OF_FORMAT_2 = 3;
const NO_PRODUCER = -1;
const INT16 = 2;
const INT32 = 4;
const MOST_BYTES_A_UNIT = 3;
/** Room before a request for what every request begins with: numbers of 14 bytes together, and the client's name. */
const HEADROOM = 14 + 256;
const require = createRequire(import.meta.url);
let isMended = false;

/**
 * kafkajs 2.2.4 encodes each header, record, batch, partition, topic and request into a zeroed buffer of its own, and copies it into
 * the next: 10 to 20 µs a record. With this an uncompressed request is written into one buffer, which is the one that is sent.
 */
export function encodeProduceAtOnce(): void {
  if (isMended) return;
  isMended = true;
  const produce = require('kafkajs/src/protocol/requests/produce') as {
    protocol(of: { version: number }): (request: ProduceRequest) => Protocol;
  };
  const { prototype } = require('kafkajs/src/protocol/encoder') as {
    prototype: { writeEncoder(this: Encoder, value: unknown): unknown };
  };
  const { Types } = require('kafkajs/src/protocol/message/compression') as { Types: { None: number } };
  const protocolOf = produce.protocol;
  produce.protocol = (of) => {
    const make = protocolOf(of);
    if (of.version < FIRST_OF_FORMAT_2) return make;
    return (asked) => {
      const protocol = make(asked);
      if ((asked.compression ?? Types.None) !== Types.None) return protocol;
      return { ...protocol, request: { ...protocol.request, encode: async () => encoded(asked) } };
    };
  };
  // kafkajs puts the header of a request before its body, and the length before both, each by a copy of all.
  const { writeEncoder } = prototype;
  prototype.writeEncoder = function (value) {
    return value instanceof EncodedRequest && value.prepend(this.buffer) ? value : writeEncoder.call(this, value);
  };
}

/** What kafkajs takes for an encoder that is filled. */
class EncodedRequest implements Encoder {
  constructor(
    private readonly bytes: Buffer,
    private start: number,
    private readonly end: number,
  ) {}

  get buf(): Buffer {
    return this.buffer;
  }

  get buffer(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  size(): number {
    return this.end - this.start;
  }

  /** False where there is no room for it. */
  prepend(before: Buffer): boolean {
    if (before.length > this.start) return false;
    this.start -= before.length;
    this.bytes.set(before, this.start);
    return true;
  }
}

function encoded(request: ProduceRequest): EncodedRequest {
  const { transactionalId = null, acks, timeout, producerEpoch = 0, topicData } = request;
  const producerId = int64Of(request.producerId ?? NO_PRODUCER);
  const transactional = Boolean(transactionalId);
  const bytes = Buffer.allocUnsafe(HEADROOM + mostBytesOfBody(request));
  let at = writeText(bytes, HEADROOM, transactionalId);
  at = bytes.writeInt16BE(acks, at);
  at = bytes.writeInt32BE(timeout, at);
  at = bytes.writeInt32BE(topicData.length, at);
  for (const { topic, partitions } of topicData) {
    at = writeText(bytes, at, topic);
    at = bytes.writeInt32BE(partitions.length, at);
    for (const { partition, firstSequence = 0, messages } of partitions) {
      at = bytes.writeInt32BE(partition, at);
      const batchAt = at + INT32;
      const batch = { records: messages, producerId, producerEpoch, firstSequence, transactional };
      const end = writeBatch(bytes, batchAt, batch);
      bytes.writeInt32BE(end - batchAt, at);
      at = end;
    }
  }
  return new EncodedRequest(bytes, HEADROOM, at);
}

function mostBytesOfBody({ transactionalId, topicData }: ProduceRequest): number {
  let most = mostBytesOfText(transactionalId ?? '') + INT16 + INT32 + INT32;
  for (const { topic, partitions } of topicData) {
    most += mostBytesOfText(topic) + INT32;
    for (const { messages } of partitions) most += INT32 + INT32 + mostBytesOf(messages);
  }
  return most;
}

function mostBytesOfText(text: string): number {
  return INT16 + MOST_BYTES_A_UNIT * text.length;
}

function writeText(bytes: Buffer, at: number, text: string | null): number {
  if (text === null) return bytes.writeInt16BE(-1, at);
  const length = bytes.write(text, at + INT16);
  bytes.writeInt16BE(length, at);
  return at + INT16 + length;
}

function int64Of(value: NonNullable<ProduceRequest['producerId']>): bigint {
  return BigInt(typeof value === 'object' ? value.value : value);
}
