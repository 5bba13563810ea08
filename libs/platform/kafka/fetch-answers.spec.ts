import { createRequire } from 'node:module';
import { computedMs } from '../testing/computed-ms.js';
import { type FetchAnswer, fetchAnswerOf, whyUnread } from './fetch-answers.js';
import { type BatchRecord, MalformedBatchError } from './record-batch-reader.js';

const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(of: object): Promise<{ buffer: Buffer }>;
};
const { Types } = require('kafkajs/src/protocol/message/compression') as { Types: { None: number; GZIP: number } };
const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (of: object) => { buffer: Buffer };

const kafkajs = require('kafkajs/src/protocol/requests/fetch/v11/response') as {
  decode(raw: Buffer): Promise<FetchAnswer>;
};

const FIRST_MS = 1_795_348_800_000;
interface Sent {
  key?: Buffer | null;
  value: Buffer | null;
  headers?: object;
}

async function batch(firstOffset: number, records: readonly Sent[], compression = Types.GZIP): Promise<Buffer> {
  const encoded = records.map(({ key = null, value, headers = {} }, offsetDelta) =>
    Record({ offsetDelta, timestampDelta: offsetDelta, key, value, headers }),
  );
  const { buffer } = await RecordBatch({
    compression,
    firstTimestamp: FIRST_MS,
    maxTimestamp: FIRST_MS + records.length - 1,
    lastOffsetDelta: records.length - 1,
    records: encoded,
  });
  buffer.writeBigInt64BE(BigInt(firstOffset), 0);
  return buffer;
}

const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const int64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};
const ABORTED = Buffer.concat([int32(1), int64(7000), int64(55)]);

/** What a broker answers of one topic, with the batches of each partition. */
function answerOf(partitions: readonly Buffer[][]): Buffer {
  const bytes = partitions.flatMap((batches, partition) => {
    const all = Buffer.concat(batches);
    return [
      int32(partition),
      Buffer.alloc(2),
      int64(70 + partition),
      int64(60),
      int64(2),
      ABORTED,
      int32(-1),
      int32(all.length),
      all,
    ];
  });
  const beginning = [int32(0), Buffer.alloc(2), int32(3), int32(1), Buffer.from([0, 1, 0x74])];
  return Buffer.concat([...beginning, int32(partitions.length), ...bytes]);
}

async function read(...partitions: Buffer[][]): Promise<BatchRecord[][]> {
  const { responses } = await fetchAnswerOf(answerOf(partitions));
  return responses[0]!.partitions.map(({ messages }) => messages);
}
const whyOf = ({ value }: BatchRecord) => whyUnread(value);

const zeros = (mib: number): Sent => ({ value: Buffer.alloc(mib * 1024 * 1024) });
const offsets = (messages: readonly BatchRecord[]) => messages.map(({ offset }) => Number(offset));

test.each([Types.None, Types.GZIP])('what is within its bounds is read as it was sent (codec %i)', async (codec) => {
  const records = [
    { key: Buffer.from('k'), value: Buffer.from('v'), headers: { a: 'x', b: ['y', 'z'], c: Buffer.from([0xff]) } },
    { value: null },
    { value: Buffer.alloc(70_000, 'é') },
  ];
  const cut = (await batch(20, records, codec)).subarray(0, 70);
  const [messages] = await read([await batch(5, records, codec), await batch(9, records.slice(1), codec), cut]);
  expect(messages![0]).toMatchObject({
    timestamp: String(FIRST_MS),
    offset: '5',
    key: Buffer.from('k'),
    value: Buffer.from('v'),
    headers: { a: Buffer.from('x'), b: [Buffer.from('y'), Buffer.from('z')], c: Buffer.from([0xff]) },
  });
  expect(offsets(messages!)).toEqual([5, 6, 7, 9, 10]);
  expect(messages!.map(whyOf)).toEqual(messages!.map(() => null));
  expect(await read([])).toEqual([[]]);
});

test('of a batch that unpacks to too much there is its last offset, and what follows', async () => {
  const bomb = await batch(10, [zeros(6), zeros(6), zeros(6)]);
  expect(bomb.length).toBeLessThan(30_000);
  const [messages] = await read([await batch(9, [{ value: null }]), bomb, await batch(13, [{ value: null }])]);
  expect(offsets(messages!)).toEqual([9, 12, 13]);
  expect(messages![1]).toMatchObject({ timestamp: String(FIRST_MS + 2), key: null, headers: {} });
  expect(messages!.map(whyOf)).toEqual([
    null,
    'It ends a batch that unpacks to more than 16 MiB or 50000 records; none of it is read. Send smaller batches.',
    null,
  ]);
});

test('what is not packed is read as kafkajs reads it', async () => {
  const records = Array.from({ length: 200 }, (_, i) => ({
    key: i % 3 === 0 ? null : Buffer.from(`k${i}`),
    value: i % 7 === 0 ? null : Buffer.alloc(i * 11, 'ö'),
    headers: i % 5 === 0 ? {} : { 'heddle-type': 'a', many: ['x', Buffer.alloc(i), 'z'], ü: '' },
  }));
  const own = await batch(2 ** 40, records, Types.None);
  const byBroker = await batch(2 ** 40 + 500, records, Types.None);
  byBroker.writeInt16BE(8 | 16, 21);
  const control = await batch(2 ** 40 + 900, records.slice(1, 2), Types.None);
  control.writeInt16BE(32 | 16, 21);
  control.writeBigInt64BE(BigInt('9007199254740993'), 43);
  control.writeInt16BE(12, 51);
  const raw = answerOf([[own, byBroker, control, own.subarray(0, 900)], [], [byBroker]]);
  expect(await fetchAnswerOf(raw)).toEqual(await kafkajs.decode(raw));
});

test.each([
  ['a record that is longer than its batch', (bytes: Buffer) => bytes.fill(0x7e, 61, 62)],
  ['a number that does not end', (bytes: Buffer) => bytes.fill(0xff, 63)],
  ['a format before Kafka 0.11', (bytes: Buffer) => bytes.fill(1, 16, 17)],
])('%s is an error', async (_, spoil) => {
  const broken = await batch(0, [{ value: Buffer.from('v') }], Types.None);
  spoil(broken);
  await expect(read([broken])).rejects.toThrow(MalformedBatchError);
});

test('of a batch that is packed with another codec there is its last offset, and what follows', async () => {
  const other = await batch(5, [{ value: Buffer.from('v') }, { value: null }], Types.None);
  other.writeInt16BE(4, 21);
  const [messages] = await read([other, await batch(7, [{ value: null }])]);
  expect(offsets(messages!)).toEqual([6, 7]);
  expect(messages!.map(whyOf)).toEqual([expect.stringContaining('zstd, lz4 or snappy'), null]);
});

test('of a batch of too many records it is the same', async () => {
  const many = await batch(
    0,
    Array.from({ length: 50_001 }, () => ({ value: null })),
  );
  const [messages] = await read([many]);
  expect([offsets(messages!), messages!.map(whyOf)]).toEqual([[50_000], [expect.stringContaining('50000 records')]]);
});

test('of several such batches one answer passes as many as it may unpack', async () => {
  const bombs = await Promise.all([0, 1, 2, 3, 4].map((i) => batch(i, [zeros(17)])));
  expect((await read(bombs)).map(offsets)).toEqual([[0, 1, 2, 3]]);
});

test('of headers a record has 64, however many come', async () => {
  const headers = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`h${i}`, '']));
  const record = await batch(0, [{ value: Buffer.from('v'), headers }, { value: Buffer.from('w') }]);
  const from = process.cpuUsage();
  const [messages] = await read([record]);
  expect(computedMs(from)).toBeLessThan(3000);
  expect(messages!.map((message) => Object.keys(message.headers).length)).toEqual([64, 0]);
});

test('an answer unpacks to so much, and what is left is there in the next one', async () => {
  const large = await Promise.all(Array.from({ length: 6 }, (_, i) => batch(i, [zeros(15)])));
  expect((await read(large)).map(offsets)).toEqual([[0, 1, 2, 3]]);
  expect((await read(large.slice(4))).map(offsets)).toEqual([[4, 5]]);
});

test('while much is unpacked, others have their turn', async () => {
  const large = await Promise.all(Array.from({ length: 4 }, (_, i) => batch(i, [zeros(15)])));
  let turns = 0;
  const clock = setInterval(() => turns++, 1);
  await read(large);
  clearInterval(clock);
  expect(turns).toBeGreaterThan(2);
});

test('what is no gzip is an error', async () => {
  const broken = await batch(0, [{ value: Buffer.from('v') }]);
  broken.fill(7, 61);
  await expect(read([broken])).rejects.toThrow('incorrect header check');
});
