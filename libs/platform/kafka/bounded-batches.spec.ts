import { createRequire } from 'node:module';
import { boundBatches, whyUnread } from './bounded-batches.js';

const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(of: object): Promise<{ buffer: Buffer }>;
};
const { Types } = require('kafkajs/src/protocol/message/compression') as { Types: { None: number; GZIP: number } };
const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (of: object) => { buffer: Buffer };

interface Message {
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
  timestamp: string;
  headers: object;
}
interface Answered {
  responses: { topicName: string; partitions: { messages: Message[] }[] }[];
}

boundBatches();
const fetch = require('kafkajs/src/protocol/requests/fetch') as {
  protocol(of: { version: number }): (request: { topics: unknown[] }) => {
    request: { topics?: unknown };
    response: { decode(raw: Buffer): Promise<Answered> };
  };
};
const { response } = fetch.protocol({ version: 4 })({ topics: [] });

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

/** What a broker answers of one topic, with the batches of each partition. */
async function read(...partitions: Buffer[][]): Promise<Message[][]> {
  const bytes = partitions.flatMap((batches, partition) => {
    const all = Buffer.concat(batches);
    return [int32(partition), Buffer.alloc(2 + 8 + 8), int32(0), int32(all.length), all];
  });
  const raw = Buffer.concat([int32(0), int32(1), Buffer.from([0, 1, 0x74]), int32(partitions.length), ...bytes]);
  const { responses } = await response.decode(raw);
  return responses[0]!.partitions.map(({ messages }) => messages);
}
const whyOf = ({ value }: Message) => whyUnread(value);

const zeros = (mib: number): Sent => ({ value: Buffer.alloc(mib * 1024 * 1024) });
const offsets = (messages: readonly Message[]) => messages.map(({ offset }) => Number(offset));

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

test('of a batch of too many records it is the same', async () => {
  const many = await batch(
    0,
    Array.from({ length: 50_001 }, () => ({ value: null })),
  );
  const [messages] = await read([many]);
  expect([offsets(messages!), messages!.map(whyOf)]).toEqual([[50_000], [expect.stringContaining('50000 records')]]);
});

test('of several such batches each is passed by one answer', async () => {
  const bombs = await Promise.all([0, 1, 2].map((i) => batch(i, [zeros(17)])));
  expect((await read(bombs)).map(offsets)).toEqual([[0]]);
  expect((await read(bombs.slice(1))).map(offsets)).toEqual([[1]]);
});

test('of headers a record has 64, however many come', async () => {
  const headers = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`h${i}`, '']));
  const record = await batch(0, [{ value: Buffer.from('v'), headers }, { value: Buffer.from('w') }]);
  const from = performance.now();
  const [messages] = await read([record]);
  expect(performance.now() - from).toBeLessThan(3000);
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
