import { createRequire } from 'node:module';
import { encodeProduceAtOnce, type ProduceRequest } from './produce-encoding.js';
import type { BatchRecord } from './record-batch.js';

interface Encoded {
  readonly buffer: Buffer;
  size(): number;
}
interface Request {
  apiVersion: number;
  encode(): Promise<Encoded>;
}
type Protocol = (of: ProduceRequest) => { request: Request; response: unknown };

const require = createRequire(import.meta.url);
const produce = require('kafkajs/src/protocol/requests/produce') as { protocol(of: { version: number }): Protocol };
const Long = require('kafkajs/src/utils/long') as { fromValue(value: string): { value: bigint } };
const Decoder = require('kafkajs/src/protocol/decoder') as new (of: Buffer) => object;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (of: object) => Promise<{
  firstTimestamp: string;
  maxTimestamp: string;
  records: { timestamp: string; headers: Record<string, Buffer | null> }[];
}>;
const createRequest = require('kafkajs/src/protocol/request') as (of: {
  correlationId: number;
  clientId: string;
  request: Request;
}) => Promise<Encoded>;

const VERSION = 7;
const protocolOfKafkajs = produce.protocol;
const NOW = 1_795_348_800_123;

const { now } = Date;
beforeAll(() => {
  Date.now = () => NOW;
});
afterAll(() => {
  Date.now = now;
});

interface Partition {
  partition: number;
  firstSequence?: number;
  messages: readonly BatchRecord[];
}

function ofOne(messages: readonly BatchRecord[], more: Partial<ProduceRequest> = {}): ProduceRequest {
  return of({ 'heddle.conversations': [{ partition: 3, firstSequence: 12, messages }] }, more);
}

function of(topics: Record<string, Partition[]>, more: Partial<ProduceRequest> = {}): ProduceRequest {
  const topicData = Object.entries(topics).map(([topic, partitions]) => ({ topic, partitions }));
  return { acks: -1, timeout: 30_000, producerId: '7000', producerEpoch: 3, topicData, ...more };
}

/** A request as it goes over the wire. */
async function sent(protocol: Protocol, of: ProduceRequest, clientId = 'heddle'): Promise<string> {
  const { request } = protocol(of);
  const whole = await createRequest({ correlationId: 77, clientId, request });
  expect(whole.size()).toBe(whole.buffer.length);
  return whole.buffer.toString('hex');
}

/** What kafkajs makes of these, before the first test has it mended. */
const REQUESTS: Record<string, ProduceRequest> = {};
const TEXTS = ['', 'a', 'é', '€uro', '🧵', 'a\ud800b'];
for (const length of [20, 21, 22, 31, 32, 61, 62, 63, 64, 65, 127, 128, 4095, 8191, 8192, 70_000]) {
  TEXTS.push('x'.repeat(length), 'é'.repeat(length), '€'.repeat(length), `${'x'.repeat(length - 1)}é`);
}
for (const text of TEXTS) {
  const bytes = Buffer.from(text);
  REQUESTS[`${text.length} units, ${bytes.length} bytes`] = ofOne([
    { key: bytes, value: Buffer.from('value'), timestamp: String(NOW), headers: { [text.slice(0, 9000)]: 'b' } },
    { key: null, value: bytes, timestamp: String(NOW + 1), headers: { a: text, b: bytes } },
    { key: text, value: text, timestamp: String(NOW + 2), headers: {} },
  ]);
}
// Lengths of a record at which the varint before it grows.
for (let length = 40; length < 70; length++)
  REQUESTS[`record of ${length} bytes`] = ofOne([{ value: Buffer.alloc(length) }]);
for (let length = 8160; length < 8200; length++) {
  REQUESTS[`record of ${length} bytes`] = ofOne([{ key: 'k', value: Buffer.alloc(length, 7), timestamp: String(NOW) }]);
}
REQUESTS['1.2 MB'] = ofOne([{ value: Buffer.alloc(1_200_000, 0xa5) }, { value: 'y'.repeat(1_200_000) }]);
REQUESTS['nothing but a record'] = ofOne([{ key: null, value: null }]);
REQUESTS['no records'] = ofOne([]);
REQUESTS['no topics'] = of({});
REQUESTS['headers of several values'] = ofOne([
  { value: 'v', headers: { many: ['a', Buffer.from('b'), ''], none: [], one: 'c', é: ['é'] } },
]);
for (const count of [62, 63, 64, 65, 8191, 8192]) {
  const headers = Object.fromEntries(Array.from({ length: count }, (_, i) => [`name-${i}`, `value ${i}`]));
  REQUESTS[`${count} headers`] = ofOne([
    { value: 'v', headers },
    { value: 'w', headers: { a: Array(count).fill('b') } },
  ]);
}
for (const count of [1, 2, 63, 64, 65, 500, 2000]) {
  REQUESTS[`${count} records`] = ofOne(
    Array.from({ length: count }, (_, i) => ({
      key: Buffer.from(`conversation_${i % 7}`),
      value: Buffer.alloc((i * 37) % 900, i),
      headers: { 'heddle-event-id': `event_${i}`, 'heddle-type': 'message.posted', 'heddle-position': String(i) },
      timestamp: i % 2 === 0 ? String(NOW + ((i * 31) % 1000)) : NOW + i,
    })),
  );
}
for (const apart of [0, 63, 64, 8191, 8192, 2 ** 29, 2 ** 30, 2 ** 31, 2 ** 32 + 5, 2 ** 39]) {
  REQUESTS[`${apart} ms apart`] = ofOne(
    [NOW + apart, NOW, NOW + apart - 1].map((timestamp) => ({ value: 'v', timestamp: String(timestamp) })),
  );
}
REQUESTS['no times'] = ofOne([{ value: 'a' }, { value: 'b', timestamp: null }]);
for (const producerId of [
  '-1',
  -1,
  '0',
  5,
  '4294967296',
  '9007199254740993',
  Long.fromValue('9223372036854775807'),
  undefined,
]) {
  const id = typeof producerId === 'object' ? producerId.value : producerId;
  REQUESTS[`producer ${id}, ${typeof producerId}`] = ofOne([{ value: 'v' }], { producerId });
}
for (const firstSequence of [0, 1, 2 ** 31 - 1]) {
  const partitions = [{ partition: 2 ** 31 - 1, firstSequence, messages: [{ value: 'v' }] }];
  REQUESTS[`sequence ${firstSequence}`] = of({ a: partitions }, { producerEpoch: 32_767 });
}
const [, ...several] = [0, 1, 2, 3].map((partition) => ({
  partition,
  messages: [{ value: 'v'.repeat(partition * 50) }],
}));
REQUESTS['several topics and partitions'] = of({ first: several, 'zweites-ü': several, none: [], last: [several[0]!] });
REQUESTS['several, in a transaction'] = of({ a: several, b: several }, { transactionalId: 'größte-transaction' });
REQUESTS['a transaction without a name'] = ofOne([{ value: 'v' }], { transactionalId: '' });
REQUESTS['no producer, no answer'] = ofOne([{ value: 'v' }], {
  producerId: undefined,
  producerEpoch: undefined,
  acks: 0,
});

it('makes the bytes that kafkajs makes without it', async () => {
  const before = new Map<string, string>();
  for (const [name, request] of Object.entries(REQUESTS)) {
    before.set(name, await sent(protocolOfKafkajs({ version: VERSION }), request));
  }
  encodeProduceAtOnce();
  expect(produce.protocol).not.toBe(protocolOfKafkajs);
  for (const [name, request] of Object.entries(REQUESTS)) {
    expect([name, await sent(produce.protocol({ version: VERSION }), request)]).toEqual([name, before.get(name)]);
  }
});

describe('with it', () => {
  beforeAll(encodeProduceAtOnce);

  const ours = (version = VERSION) => produce.protocol({ version });
  const theirs = (version = VERSION) => protocolOfKafkajs({ version });

  it('writes a request once, into the buffer that is sent', async () => {
    const { request } = ours()(ofOne([{ value: 'v' }]));
    const encoded = await request.encode();
    const memory = encoded.buffer.buffer;
    const whole = await createRequest({
      correlationId: 1,
      clientId: 'heddle',
      request: { ...request, encode: async () => encoded },
    });
    expect(whole.buffer.buffer).toBe(memory);
    expect(await sent(ours(), ofOne([{ value: 'v' }]))).toBe(await sent(theirs(), ofOne([{ value: 'v' }])));
  });

  it('takes a client with a name of any length', async () => {
    for (const length of [0, 1, 240, 255, 256, 257, 258, 259, 260, 261, 5000]) {
      const clientId = 'c'.repeat(length);
      const request = ofOne([{ value: 'v' }]);
      expect(await sent(ours(), request, clientId)).toBe(await sent(theirs(), request, clientId));
    }
  });

  it('leaves compressed requests, those of versions with older formats, and what else a request says to kafkajs', async () => {
    const gzip = ofOne([{ value: Buffer.alloc(500) }], { compression: 1 });
    expect(await sent(ours(), gzip)).toBe(await sent(theirs(), gzip));
    const old = ofOne([{ key: 'k', value: 'v', timestamp: NOW }]);
    for (let version = 0; version <= VERSION; version++) {
      expect(await sent(ours(version), old)).toBe(await sent(theirs(version), old));
      const [mine, original] = [ours(version)(old), theirs(version)(old)];
      expect(mine.response).toBe(original.response);
      expect({ ...mine.request, encode: null, expectResponse: null }).toEqual({
        ...original.request,
        encode: null,
        expectResponse: null,
      });
    }
  });

  async function batchOf(messages: readonly BatchRecord[]) {
    const { buffer } = await (await ours()(ofOne(messages))).request.encode();
    const batchAt = 2 + 2 + 4 + 4 + (2 + 'heddle.conversations'.length) + 4 + 4 + 4;
    return decodeBatch(new Decoder(buffer.subarray(batchAt)));
  }

  it('sorts times as numbers', async () => {
    const { firstTimestamp, maxTimestamp, records } = await batchOf([
      { value: 'a', timestamp: '10000' },
      { value: 'b', timestamp: '9999' },
      { value: 'c' },
    ]);
    expect([firstTimestamp, maxTimestamp]).toEqual(['9999', String(NOW)]);
    expect(records.map(({ timestamp }) => timestamp)).toEqual(['10000', '9999', String(NOW)]);
  });

  it('writes a header without a value', async () => {
    const { records } = await batchOf([{ value: 'a', headers: { none: null, some: 'b', many: [null, 'c'] } }]);
    const { none, some } = records[0]!.headers;
    expect([none, String(some)]).toEqual([null, 'b']);
  });

  it('refuses what is neither bytes nor text, and a time that is none', async () => {
    const refused = (record: object) => expect(ours()(ofOne([record])).request.encode()).rejects.toThrow(TypeError);
    await refused({ value: 5 });
    await refused({ value: 'v', key: {} });
    await refused({ value: 'v', headers: { a: 5 } });
    await refused({ value: 'v', timestamp: 'yesterday' });
    await refused({ value: 'v', timestamp: 1.5 });
  });
});
