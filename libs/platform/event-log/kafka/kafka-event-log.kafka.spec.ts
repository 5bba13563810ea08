import { jest } from '@jest/globals';
import { EVENT_SCHEMAS } from '../../../contract/generated/event-schemas.js';
import { EventCodec } from '../../event-codec/event-codec.js';
import { KafkaReader, RecordsGoneError } from '../../kafka/kafka-reader.js';
import { Problem } from '../../kernel/problem.js';
import { RegistryRefusal, RegistryUnavailable } from '../../registry/registry-client.js';
import { eventRecord, framed, TestTopic } from '../../testing/kafka-topic.js';
import { describeOnKafka, testBrokers } from '../../testing/test-kafka.js';
import { TEST_STORE, testStore } from '../../testing/test-store.js';
import type { LogPartition, ReadOptions } from '../event-log.js';
import { KafkaEventLog, type KafkaEventLogOptions } from './kafka-event-log.js';
import { RegistrySchemaIds } from './schema-ids.js';

const [A, B] = [EVENT_SCHEMAS[0]!, EVENT_SCHEMAS[1]!];
const FINGERPRINT = Buffer.from(A.fingerprint, 'hex');

let topic: TestTopic;
const open: KafkaEventLog[] = [];

const schemaOne = async (id: number) => {
  if (id === 1) return JSON.stringify(A.schema);
  throw new RegistryRefusal(40403, `Schema ${id} not found`);
};

function logOf(options: Partial<KafkaEventLogOptions> = {}): KafkaEventLog {
  const ids = new RegistrySchemaIds({ schema: schemaOne });
  const kafka = { clientId: 'log', brokers: testBrokers() };
  const log = new KafkaEventLog({ kafka, ids, store: testStore, topics: { ofTypes: () => [topic.name] }, ...options });
  open.push(log);
  return log;
}

async function partitionOf(log: KafkaEventLog, n = 0): Promise<LogPartition> {
  return (await log.partitionsOf([A.type]))[n]!;
}

/** Page by page to the end. */
async function all(partition: LogPartition, options: ReadOptions): Promise<[number, string][]> {
  const found: [number, string][] = [];
  for (let after = 0; ; ) {
    const { events, scannedTo } = await partition.read(after, options);
    expect(events.length).toBeLessThanOrEqual(options.limit);
    found.push(...events.map(({ position, payload }): [number, string] => [position, payload.toString()]));
    if (scannedTo === after) return found;
    expect(scannedTo).toBeGreaterThan(after);
    after = scannedTo;
  }
}

const many = (from: number, to: number, type = A.type) =>
  Array.from({ length: to - from }, (_, n) => eventRecord(type, `${from + n}`));

describeOnKafka('the log on Kafka', () => {
  beforeEach(async () => {
    topic = await TestTopic.create();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(open.splice(0).map((log) => log.close()));
    await topic.close();
  });

  it('has the twelve partitions of the topic of each domain, in the order of their names', async () => {
    const log = logOf({ topics: undefined });
    const names = (await log.partitionsOf(['message.created', 'api_key.created'])).map(({ name }) => name);
    expect(names).toHaveLength(24);
    expect([names[0], names[11], names[12]]).toEqual(['heddle.access/0', 'heddle.access/11', 'heddle.conversation/0']);
    await expect(log.partitionsOf(['message.eaten'])).rejects.toThrow('message.eaten');
  });

  it('gives each event its offset plus one, the same however the pages are cut', async () => {
    for (let n = 0; n < 50; n += 10) await topic.send(3, ...many(n, n + 10));
    const expected = Array.from({ length: 50 }, (_, n) => [n + 1, `${n}`]);
    const partition = await partitionOf(logOf(), 3);
    for (const limit of [1, 3, 7, 50, 1000]) expect(await all(partition, { limit })).toEqual(expected);
    expect(await partition.end()).toBe(50);
    const { events } = await partition.read(20, { limit: 1 });
    expect(events).toEqual([{ position: 21, storePosition: 0, fingerprint: FINGERPRINT, payload: Buffer.from('20') }]);
  });

  it('is empty where nothing was written, and beyond its end', async () => {
    await topic.send(0, ...many(0, 3));
    const log = logOf();
    const [full, empty] = [await partitionOf(log, 0), await partitionOf(log, 1)];
    expect(await empty.end()).toBe(0);
    expect(await empty.read(0, { limit: 10 })).toEqual({ events: [], scannedTo: 0 });
    expect(await full.read(3, { limit: 10 })).toEqual({ events: [], scannedTo: 3 });
    expect(await full.read(700, { limit: 10 })).toEqual({ events: [], scannedTo: 700 });
  });

  it('ends at `upTo`, and goes on after it', async () => {
    await topic.send(0, ...many(0, 10));
    const partition = await partitionOf(logOf());
    const first = await partition.read(0, { limit: 100, upTo: 4 });
    expect([first.events.map(({ position }) => position), first.scannedTo]).toEqual([[1, 2, 3, 4], 4]);
    const second = await partition.read(4, { limit: 2, upTo: 7 });
    expect([second.events.map(({ position }) => position), second.scannedTo]).toEqual([[5, 6], 6]);
    const third = await partition.read(6, { limit: 100 });
    expect([third.events.map(({ position }) => position), third.scannedTo]).toEqual([[7, 8, 9, 10], 10]);
    expect((await partition.read(4, { limit: 100, upTo: 4 })).scannedTo).toBe(4);
  });

  it('passes over other types by their header, and looks at what does not say', async () => {
    const unsaid = { value: framed(1, 'unsaid'), headers: { 'heddle-store': TEST_STORE } };
    await topic.send(0, ...many(0, 2, B.type), ...many(2, 4), unsaid, ...many(5, 9, B.type));
    const partition = await partitionOf(logOf());
    const page = await partition.read(0, { limit: 100, types: [A.type] });
    expect(page.events.map(({ payload }) => payload.toString())).toEqual(['2', '3', 'unsaid']);
    expect(page.scannedTo).toBe(9);
    expect(await partition.read(0, { limit: 100, types: ['user.created'], upTo: 2 })).toEqual({
      events: [],
      scannedTo: 2,
    });
  });

  it('passes over the markers of take-overs, also at the end', async () => {
    await topic.takeOver();
    await topic.send(0, ...many(0, 3));
    await topic.takeOver();
    await topic.send(0, ...many(3, 5));
    await topic.takeOver();
    const partition = await partitionOf(logOf());
    for (const limit of [1, 100]) {
      expect((await all(partition, { limit })).map(([, text]) => text)).toEqual(['0', '1', '2', '3', '4']);
    }
    const end = await partition.end();
    expect(end).toBeGreaterThan(5);
    expect(await partition.read(end, { limit: 1 })).toEqual({ events: [], scannedTo: end });
  });

  it('reads on from what a fetch brought beyond the page', async () => {
    await topic.send(0, ...many(0, 100));
    const fetches = jest.spyOn(KafkaReader.prototype, 'fetch');
    expect(await all(await partitionOf(logOf()), { limit: 10 })).toHaveLength(100);
    // The second finds the end.
    expect(fetches).toHaveBeenCalledTimes(2);
  });

  it('goes through more than one fetch brings', async () => {
    const large = Array.from({ length: 12 }, (_, n) => eventRecord(A.type, `${n}`.padEnd(500_000)));
    for (const record of large) await topic.send(0, record);
    const found = await all(await partitionOf(logOf()), { limit: 5 });
    expect(found.map(([position, text]) => [position, Number(text)])).toEqual(large.map((_, n) => [n + 1, n]));
  });

  it('says so where retention has deleted what is asked for', async () => {
    await topic.send(0, ...many(0, 10));
    await topic.forget(0, 6);
    const partition = await partitionOf(logOf());
    await expect(partition.read(2, { limit: 1 })).rejects.toThrow(RecordsGoneError);
    expect((await partition.read(6, { limit: 1 })).events[0]!.position).toBe(7);
  });

  it('gives what is no event as one that fails to decode, with its cause', async () => {
    const [noFrame, noValue] = [
      { ...eventRecord(A.type, ''), value: Buffer.from('{"a":1}') },
      { ...eventRecord(A.type, ''), value: null },
    ];
    await topic.send(0, eventRecord(A.type, 'a'), noFrame, noValue, eventRecord(A.type, 'b', 77));
    const { events, scannedTo } = await (await partitionOf(logOf())).read(0, { limit: 9, types: [A.type] });
    expect(scannedTo).toBe(4);
    expect(events[0]!.fingerprint).toEqual(FINGERPRINT);
    const codec = new EventCodec(EVENT_SCHEMAS);
    const causes = events.slice(1).map(({ fingerprint, payload }) => {
      try {
        return codec.decode(fingerprint, payload);
      } catch (error) {
        return String(error);
      }
    });
    const noFrameSaid = expect.stringMatching(/^NotAnEventError: The value is not a zero byte/);
    expect(causes).toEqual([noFrameSaid, noFrameSaid, 'NotAnEventError: The registry has no schema with the id 77.']);
  });

  it('waits for a registry that is away, and calls no event poison for it', async () => {
    await topic.send(0, ...many(0, 2));
    let asked = 0;
    const schema = (id: number) => (++asked < 4 ? Promise.reject(new RegistryUnavailable('away')) : schemaOne(id));
    const partition = await partitionOf(logOf({ ids: new RegistrySchemaIds({ schema }) }));
    const { events } = await partition.read(0, { limit: 9 });
    expect(events.map(({ fingerprint }) => fingerprint)).toEqual([FINGERPRINT, FINGERPRINT]);
    expect(asked).toBe(4);
  });

  it('is unavailable when its patience with the registry is over, and needs none for recorded ids', async () => {
    await topic.send(0, ...many(0, 1));
    const schema = () => Promise.reject(new RegistryUnavailable('away'));
    const without = logOf({ ids: new RegistrySchemaIds({ schema }), patienceMs: 5000 });
    const refused = await (await partitionOf(without)).read(0, { limit: 9 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Problem);
    expect(refused).toMatchObject({ code: 'unavailable', cause: { message: 'away' } });
    const recorded = logOf({ ids: { fingerprintOf: async () => FINGERPRINT } });
    expect((await (await partitionOf(recorded)).read(0, { limit: 9 })).events[0]!.fingerprint).toEqual(FINGERPRINT);
  });

  it('is unavailable, and no more, while Kafka is away', async () => {
    const log = logOf({ kafka: { clientId: 'log', brokers: ['127.0.0.1:1'] }, patienceMs: 500 });
    const partition = await partitionOf(log);
    await expect(partition.read(0, { limit: 1 })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(partition.end()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
