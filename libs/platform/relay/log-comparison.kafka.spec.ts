import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { KafkaEventLog } from '../event-log/kafka/kafka-event-log.js';
import { RegistrySchemaIds } from '../event-log/kafka/schema-ids.js';
import { storeIdOf } from '../event-store/store-id.js';
import { Connection } from '../postgres/connection.js';
import { describeOnKafka } from '../testing/test-kafka.js';
import { compareLogs } from './log-comparison.js';
import { RecordMaker } from './record-maker.js';
import { recordedIds } from './registry-binding.js';
import { RelayBench } from './relay-bench.fixture.js';

describeOnKafka('the comparison of Kafka with the store', () => {
  let bench: RelayBench;
  let owner: Connection;
  let log: KafkaEventLog;
  beforeAll(async () => {
    bench = await RelayBench.open();
    owner = new Connection({ url: bench.database.url, applicationName: 'comparison' });
    await owner.ready();
    const ids = new RegistrySchemaIds(bench.registry);
    log = new KafkaEventLog({ kafka: bench.kafka(), ids, store: storeIdOf(owner), topics: bench.names });
    const relay = await bench.relay();
    await bench.relayedTo(await bench.append(1100));
    await relay.close();
  }, 120_000);
  afterAll(async () => {
    await log.close();
    await owner.close();
    await bench.close();
  });

  const compared = async (upTo: number) => {
    const { rows } = await bench.store.query<{ id: string }>(`select replace(id::text, '-', '') as id from log.store`);
    const records = new RecordMaker(EVENT_SCHEMAS, bench.names, rows[0]!.id, await recordedIds(owner), owner);
    return compareLogs({ connection: owner, log, records, contract: EVENT_SCHEMAS, upTo });
  };
  /** What it says of a store that was changed for as long as it looks. */
  const saidOf = async (change: string, upTo = 1100): Promise<string> => {
    await bench.store.query('create table kept as select * from log.events');
    await bench.store.query(change);
    try {
      return await compared(upTo).then(
        () => 'equal',
        (error: Error) => error.message,
      );
    } finally {
      await bench.store.query('truncate log.events; insert into log.events select * from kept; drop table kept');
    }
  };

  it('counts what is equal', async () => {
    const found = await compared(1100);
    const { rows } = await bench.store.query<{ n: number }>('select count(distinct stream)::int as n from log.events');
    expect(found).toMatchObject({ events: 1100, streams: rows[0]!.n });
    expect(Object.values(found.topics).reduce((a, b) => a + b)).toBe(1100);
    expect(await compared(1100)).toEqual(found);
    expect((await compared(1099)).checksum).not.toBe(found.checksum);
  });

  it.each([
    [
      'an event that the store lacks',
      'delete from log.events where position = 500',
      /first at position 500: .* not the store's/,
    ],
    [
      'one past its last',
      'delete from log.events where position = 1100',
      /first at position 1100: .* that the store lacks/,
    ],
    [
      'other bytes',
      `update log.events set payload = payload || '\\x00' where position = 7`,
      /first at position 7: .* another event/,
    ],
    [
      'an event that Kafka lacks',
      `insert into log.events select 1101, workspace, gen_random_uuid(), 1, type, recorded_at, schema_fingerprint, payload
         from log.events where position = 1`,
      /first at position 1101: .* lacks the store's event/,
    ],
    [
      'streams that end elsewhere',
      `update log.events set seq = seq + 5000 where position = (select max(position) from log.events where type like 'conversation.%')`,
      /differ first at position \d+: the stream [0-9a-f]{32} ends with \d+ and not 5\d+/,
    ],
  ])('names the first position of %s', async (_what, change, said) => {
    expect(await saidOf(change, 1101)).toMatch(said);
    expect(await saidOf('select 1', 1100)).toBe('equal');
  });
});
