import { pino } from 'pino';
import { Registry } from 'prom-client';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { EventCodec } from '../event-codec/event-codec.js';
import { identifyStore } from '../event-store/epoch.js';
import { feedLog } from '../feed/feed-log.js';
import { newId } from '../kernel/id.js';
import { Connection } from '../postgres/connection.js';
import { migrate } from '../postgres/migrate.js';
import { LogWriter } from '../testing/log-writer.js';
import { createTestDatabase } from '../testing/test-database.js';
import { describeOnKafka, testBrokers, testName } from '../testing/test-kafka.js';
import { eventually, until } from '../testing/until.js';
import { KafkaEngine } from './kafka-engine.js';
import { registerKafkaMetrics } from './kafka-metrics.js';
import { migrationsOf, servicesOf } from './migrations.js';
import { registerProjectionMetrics } from './runtime-metrics.js';

const DOMAINS = new Set(EVENT_SCHEMAS.map(({ domain }) => domain));

/** A store of its own, its relay and its feed. */
async function install(prefix: string) {
  const database = await createTestDatabase();
  const { url } = database;
  await migrate(url, servicesOf([]), migrationsOf([]));
  const owner = new Connection({ url, applicationName: 'engine spec' });
  await owner.exclusively((query) => identifyStore({ query }));
  const writer = await new LogWriter(url).connect();
  const engine = new KafkaEngine({
    databaseUrl: url,
    kafka: { brokers: testBrokers(), tls: null, sasl: null, prefix, replication: null },
    registry: null,
    relays: true,
    codec: new EventCodec(EVENT_SCHEMAS),
    log: pino({ level: 'silent' }),
  });
  const feed = feedLog(url);
  await engine.start();
  engine.consumers.start();
  return {
    engine,
    owner,
    feed,
    append: (count: number) =>
      writer.append(
        Array.from({ length: count }, () => ({ type: 'conversation.unassigned', stream: newId('conv'), data: {} })),
      ),
    async close() {
      await engine.close();
      await Promise.all([writer.close(), owner.close(), feed.close()]);
      await database.drop();
    },
  };
}

describeOnKafka('the engine on Kafka', () => {
  const closing: (() => Promise<void>)[] = [];
  const opened = async (prefix: string) => {
    const installation = await install(prefix);
    closing.push(installation.close);
    return installation;
  };
  afterEach(async () => {
    await Promise.all(closing.splice(0).map((close) => close()));
  }, 120_000);

  it('takes nothing of another installation that was given the same prefix, and nothing from it', async () => {
    const prefix = testName('shared');
    const first = await opened(prefix);
    const before = await first.append(30);
    await until(async () => (await first.feed.end()) === before);
    const second = await opened(prefix);
    await until(() => second.engine.relay!.trouble !== null);
    await until(() => second.engine.feedStatus()[0]!.deadLetters >= 30);
    const last = await first.append(100);
    await until(async () => (await first.feed.end()) === last);
    await until(() => first.engine.feedStatus()[0]!.lagPositions === 0);
    expect(first.engine.feedStatus()).toMatchObject([{ state: 'following', deadLetters: 0, error: null }]);
    const { rows } = await second.owner.query<{ events: number; foreign: boolean }>({
      text: `select (select count(*) from feed.events) as events,
                    (select bool_and(cause like '%It is of the store%') from feed.dead_letters) as foreign`,
    });
    expect(rows).toMatchObject([{ foreign: true }]);
    expect(Number(rows[0]!.events)).toBe(0);
  }, 180_000);

  it('measures the feed with its partitions and dead letters', async () => {
    const { engine, feed, owner, append } = await opened(testName('measured'));
    const metrics = new Registry();
    registerKafkaMetrics(metrics, engine);
    registerProjectionMetrics(metrics, () => engine.feedStatus());
    const last = await append(20);
    await until(async () => (await feed.end()) === last);
    await owner.query({
      text: `insert into feed.dead_letters (projection, partition, position, cause, attempts)
             values ('feed', 'heddle.user/0', 1, 'a test', 3)`,
    });
    const line = 'heddle_projection_dead_letters{service="feed",projection="feed"} 1';
    // Both are looked at once a second.
    await eventually(async () => {
      const text = await metrics.metrics();
      expect(text).toContain(line);
      expect(text.match(/^heddle_consumer_lag\{subscription="feed".*\} 0$/gm)).toHaveLength(12 * DOMAINS.size);
    });
  }, 120_000);
});
