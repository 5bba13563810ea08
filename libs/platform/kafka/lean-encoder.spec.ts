import { createRequire } from 'node:module';
import { type Encoder, encodeLean } from './lean-encoder.js';

const require = createRequire(import.meta.url);
const Long = require('kafkajs/src/utils/long') as { fromValue(value: string): object };
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(of: object): Promise<Encoder & { buffer: Buffer }>;
};
const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (of: object) => Encoder;
const EncoderOfKafkajs = require('kafkajs/src/protocol/encoder') as new (
  size?: number,
) => Encoder & { buffer: Buffer } & Record<string, (value: unknown) => unknown>;

const VARINTS = [0, 1, -1, 63, -64, 64, 127, 128, 300, 8191, 8192, 2 ** 21, -(2 ** 21), 2 ** 31 - 1, -(2 ** 31)];
const SIZES = [0, 1, 58, 59, 60, 61, 62, 63, 64, 65, 127, 128, 500, 511, 512, 513, 5000, 70_000];

async function encodeAll(): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (const value of VARINTS) {
    const encoder = new EncoderOfKafkajs();
    encoder.writeVarInt!(value);
    encoder.writeUVarInt!(value >>> 0);
    made.set(`varint ${value}`, encoder.buffer.toString('hex'));
  }
  for (const size of SIZES) {
    for (const first of [undefined, 16, 511, 4096]) {
      const encoder = new EncoderOfKafkajs(first);
      encoder.writeInt8!(7);
      encoder.writeVarIntBytes!(Buffer.alloc(size, 0xa5));
      encoder.writeString!('é'.repeat(Math.min(size, 9000)));
      encoder.writeInt64!(Long.fromValue('1795305000000'));
      made.set(`${size} bytes into ${first}`, encoder.buffer.toString('hex'));
    }
    const records = [1, 2, 3].map((offsetDelta) =>
      Record({
        offsetDelta,
        timestampDelta: offsetDelta,
        key: Buffer.from('k'.repeat(size)),
        value: offsetDelta === 2 ? null : Buffer.alloc(size, offsetDelta),
        headers: { name: 'v'.repeat(size), other: Buffer.alloc(3), many: ['a', 'b'] },
      }),
    );
    const batch = await RecordBatch({
      records,
      producerId: Long.fromValue('7000'),
      producerEpoch: 3,
      firstSequence: 12,
      firstTimestamp: 1,
      maxTimestamp: 4,
      lastOffsetDelta: 2,
    });
    made.set(`batch of ${size}`, batch.buffer.toString('hex'));
  }
  return made;
}

it('makes the bytes that kafkajs makes without it', async () => {
  const before = await encodeAll();
  const size = new EncoderOfKafkajs().buf.length;
  encodeLean();
  expect(new EncoderOfKafkajs().buf.length).toBeLessThan(size);
  expect(await encodeAll()).toEqual(before);
});
