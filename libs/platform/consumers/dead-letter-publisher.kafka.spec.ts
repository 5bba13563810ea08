import { jest } from '@jest/globals';
import pg from 'pg';
import { KafkaReader } from '../kafka/kafka-reader.js';
import { Topics } from '../kafka/topics.js';
import { migrate } from '../postgres/migrate.js';
import { eventRecord, TestTopic } from '../testing/kafka-topic.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { describeOnKafka, testBrokers } from '../testing/test-kafka.js';
import { TEST_STORE } from '../testing/test-store.js';
import { until } from '../testing/until.js';
import { DeadLetterPublisher } from './dead-letter-publisher.js';

let database: TestDatabase;
let admin: pg.Client;
let topic: TestTopic;
let copies: TestTopic;
let reader: KafkaReader;
const publishers: DeadLetterPublisher[] = [];
let said: string[] = [];

function open(kafka = { clientId: 'dead letters', brokers: testBrokers() }): DeadLetterPublisher {
  const log = { warn: (_: object, text: string) => void said.push(text) };
  const publisher = new DeadLetterPublisher({
    url: database.url,
    service: 'analytics',
    kafka,
    topics: new Topics(),
    log: log as never,
  });
  publishers.push(publisher);
  return publisher;
}

const letter = (partition: string, position: number, cause = 'MalformedEventError: no event') =>
  admin.query(
    `insert into analytics.dead_letters (projection, partition, position, cause, attempts) values ('counts', $1, $2, $3, 3)`,
    [partition, position, cause],
  );

const waiting = async () =>
  (await admin.query('select partition from analytics.dead_letters where published_at is null')).rows;

const copied = async (partition: number) => {
  const { records } = await reader.fetch({ topic: copies.name, partition }, 0);
  return records.map(({ key, value, headers }) => ({
    key: key?.toString() ?? null,
    value,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
  }));
};

describeOnKafka('the copies of dead letters', () => {
  beforeEach(async () => {
    said = [];
    database = await createTestDatabase();
    const folder = 'libs/platform/projections/migrations';
    await migrate(database.url, ['analytics'], [{ schema: 'analytics', folder }]);
    admin = new pg.Client({ connectionString: database.url });
    await admin.connect();
    topic = await TestTopic.create({ partitions: 3 });
    copies = await TestTopic.create({ partitions: 3, name: new Topics().deadLettersOf(topic.name) });
    reader = new KafkaReader({ brokers: testBrokers() });
  });
  afterEach(async () => {
    await Promise.all(publishers.splice(0).map((publisher) => publisher.close()));
    await Promise.all([reader.close(), topic.close(), copies.close(), admin.end()]);
    await database.drop();
  });

  it('have key, value and headers as they were, and say where they come from and why', async () => {
    const record = { ...eventRecord('message.created', 'two'), key: 'conv_2' };
    await topic.send(2, eventRecord('message.created', 'one'), record);
    await letter(`${topic.name}/2`, 2);
    await letter('log', 7);
    const publisher = open();
    expect(await publisher.publish()).toBe(1);
    expect(await copied(2)).toEqual([
      {
        key: 'conv_2',
        value: record.value,
        headers: {
          'heddle-type': 'message.created',
          'heddle-store': TEST_STORE,
          'heddle-dead-topic': topic.name,
          'heddle-dead-partition': '2',
          'heddle-dead-offset': '1',
          'heddle-dead-projection': 'counts',
          'heddle-dead-cause': 'MalformedEventError: no event',
        },
      },
    ]);
    expect(await waiting()).toEqual([{ partition: 'log' }]);
    expect(await publisher.publish()).toBe(0);
  });

  it('are made of a record without a value, and say so of one that retention deleted', async () => {
    await topic.send(0, eventRecord('message.created', 'gone'), { key: 'k', value: null });
    await topic.forget(0, 1);
    await letter(`${topic.name}/0`, 1, 'deleted');
    await letter(`${topic.name}/0`, 2, 'no value');
    expect(await open().publish()).toBe(2);
    expect((await copied(0)).map(({ key, value, headers }) => [key, value, headers['heddle-dead-cause']])).toEqual([
      [null, null, 'deleted'],
      ['k', null, 'no value'],
    ]);
  });

  it('leave out headers without a value, which no client of ours could have sent', async () => {
    await topic.send(0, eventRecord('message.created', 'one'));
    await letter(`${topic.name}/0`, 1);
    const fetch = KafkaReader.prototype.fetch;
    const withNull = jest.spyOn(KafkaReader.prototype, 'fetch').mockImplementation(async function (
      this: KafkaReader,
      ...of
    ) {
      const fetched = await fetch.apply(this, of);
      for (const { headers } of fetched.records) Object.assign(headers, { empty: null });
      return fetched;
    });
    expect(await open().publish()).toBe(1);
    withNull.mockRestore();
    const { headers } = (await copied(0))[0]!;
    expect(Object.keys(headers)).not.toContain('empty');
    expect(headers).toMatchObject({ 'heddle-type': 'message.created' });
  });

  it('go without a value that is too large for them, and none holds up the others', async () => {
    const most = 1_048_588;
    const fits = Buffer.alloc(most - 200, 1);
    await topic.send(1, { key: 'k', value: fits, headers: {} });
    await topic.send(1, { key: 'k', value: Buffer.from('x'), headers: {} });
    await letter(`${topic.name}/1`, 1);
    await letter('nowhere/0', 1);
    await letter(`${topic.name}/1`, 2);
    expect(await open().publish()).toBe(2);
    expect((await copied(1)).map(({ value, headers }) => [value, headers['heddle-dead-value']])).toEqual([
      [null, `too large: ${fits.length} bytes`],
      [Buffer.from('x'), undefined],
    ]);
    expect(await waiting()).toEqual([{ partition: 'nowhere/0' }]);
    expect(said).toEqual(['a dead letter cannot be copied to Kafka']);
  });

  it('are made again where it is not known that they were', async () => {
    await topic.send(1, eventRecord('message.created', 'one'));
    await letter(`${topic.name}/1`, 1);
    await admin.query(`create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'refused'; end $$;
      create trigger refuse before update on analytics.dead_letters for each row execute function refuse()`);
    const publisher = open();
    await expect(publisher.publish()).rejects.toThrow('refused');
    await admin.query('drop trigger refuse on analytics.dead_letters');
    expect(await publisher.publish()).toBe(1);
    expect(await copied(1)).toHaveLength(2);
    expect(await waiting()).toEqual([]);
  });

  it('wait while Kafka is away, and are made by one process of several', async () => {
    await topic.send(1, eventRecord('message.created', 'one'));
    const lost = open({ clientId: 'lost', brokers: ['127.0.0.1:1'] });
    await letter(`${topic.name}/1`, 1);
    await expect(lost.publish()).rejects.toMatchObject({ code: 'unavailable' });
    expect(await open().publish()).toBe(0);
    expect(await waiting()).toHaveLength(1);
    await publishers[0]!.close();
    publishers[1]!.start();
    await until(async () => (await waiting()).length === 0);
    expect(await copied(1)).toHaveLength(1);
  });
});
