import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { computedMs } from '../testing/computed-ms.js';
import { type FetchAnswer, fetchAnswerOf, whyUnread } from './fetch-answers.js';
import type { BatchRecord } from './record-batch-reader.js';

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
    'It ends a batch that unpacks to more than 16 MiB, 50000 records or 200000 headers; none of it is read. Send smaller batches.',
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

const one = (compression: number) => batch(5, [{ value: Buffer.from('a value of one record') }], compression);
const whole = async (spoiled: Buffer) => {
  const [messages, others] = await read([spoiled, await one(Types.GZIP)], [await one(Types.None)]);
  expect([offsets(messages!), offsets(others!)]).toEqual([[5, 5], [5]]);
  expect(messages!.map(whyOf)).toEqual([expect.stringContaining('do not follow the format'), null]);
};

test.each([
  ['a record that is longer than its batch', (bytes: Buffer) => bytes.fill(0x7e, 61, 62)],
  ['a record that is shorter than what it holds', (bytes: Buffer) => bytes.fill(0x10, 61, 62)],
  ['a number that does not end', (bytes: Buffer) => bytes.fill(0xff, 63)],
  ['an offset beyond the last one', (bytes: Buffer) => bytes.fill(0x02, 64, 65)],
  ['a format before Kafka 0.11', (bytes: Buffer) => bytes.fill(1, 16, 17)],
])('of a batch with %s there is its last offset, and nobody else is kept out', async (_, spoil) => {
  const spoiled = await one(Types.None);
  spoil(spoiled);
  await whole(spoiled);
});

test('of a message that is older than Kafka 0.11, and short, there is its offset', async () => {
  const old = Buffer.concat([int64(5), int32(20), Buffer.alloc(20)]);
  await whole(old);
});

/** A broker keeps what is packed as it came. */
async function packedAs(of: (packed: Buffer) => Buffer): Promise<Buffer> {
  const made = await one(Types.GZIP);
  const spoiled = Buffer.concat([made.subarray(0, 61), of(made.subarray(61))]);
  spoiled.writeInt32BE(spoiled.length - 12, 8);
  return spoiled;
}

test.each([
  ['no gzip at all', (packed: Buffer) => Buffer.alloc(packed.length, 7)],
  [
    'gzip with flags that nobody knows',
    (packed: Buffer) => Buffer.concat([packed.subarray(0, 3), Buffer.from([0x80]), packed.subarray(4)]),
  ],
  ['half of it', (packed: Buffer) => packed.subarray(0, packed.length >> 1)],
  ['records that are none', () => gzipSync(Buffer.from([0x50, 1, 2, 3]))],
])('of a batch that is packed as %s there is its last offset, and nobody else is kept out', async (_, of) => {
  await whole(await packedAs(of));
});

test('offsets that do not rise are those of no batch', async () => {
  const two = await batch(5, [{ value: Buffer.from('v') }, { value: Buffer.from('w') }], Types.None);
  const second = two.lastIndexOf('w') - 3;
  expect(two[second]).toBe(0x02);
  two[second] = 0;
  const [messages] = await read([two]);
  expect([offsets(messages!), messages!.map(whyOf)]).toEqual([[6], [expect.stringContaining('format')]]);
});

test('behind what compaction has left there is a record that only moves readers on', async () => {
  const left = await batch(5, [{ value: Buffer.from('v') }], Types.None);
  left.writeInt32BE(9, 23);
  const empty = await batch(15, [], Types.None);
  empty.writeInt32BE(4, 23);
  const [messages] = await read([left, empty]);
  expect(messages!.map(({ offset, isControlRecord }) => [offset, isControlRecord])).toEqual([
    ['5', false],
    ['14', true],
    ['19', true],
  ]);
});

test('headers may have any names', async () => {
  const headers = Object.fromEntries([
    ['toString', 'a'],
    ['constructor', ['b', 'c']],
  ]);
  Object.defineProperty(headers, '__proto__', { value: 'd', enumerable: true });
  const [messages] = await read([await batch(0, [{ value: null, headers }], Types.None)]);
  const found = messages![0]!.headers;
  expect(Object.keys(found)).toEqual(['toString', 'constructor', '__proto__']);
  expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
  expect(Object.getOwnPropertyDescriptor(found, '__proto__')!.value).toEqual(Buffer.from('d'));
  expect(found.constructor).toEqual([Buffer.from('b'), Buffer.from('c')]);
});

test('what small records take in memory is bounded, too', async () => {
  const headers = Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`h${i}`, '']));
  const many = (count: number) =>
    batch(
      0,
      Array.from({ length: count }, () => ({ value: null, headers })),
    );
  const [tooMany] = await read([await many(3200)]);
  expect(tooMany!.map(whyOf)).toEqual([expect.stringContaining('200000 headers')]);
  const [few] = await read(Array(6).fill(await many(3000)));
  expect(few!.length).toBeLessThan(4 * 3000);
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
