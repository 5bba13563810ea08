import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { AppModule } from '../../apps/heddle/app.module.js';
import { domainsOf } from '../../libs/platform/runtime/domain-module.js';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { describeOnKafka, testBrokers, testKafka, testName } from '../../libs/platform/testing/test-kafka.js';
import { until } from '../../libs/platform/testing/until.js';
import { ApiClient, type Cast, conversationWith, created, messageTo } from './journey.js';
import { type Environment, heddle, resultOf, ServerProgram } from './programs.js';
import { recordsUnder } from './topic-reader.js';

const ROOT = 'hdlroot_of_a_kafka_that_lost';
/** What reads Kafka, and stops where it has lost events. */
const FOLLOWED = domainsOf(AppModule)
  .flatMap(({ projections }) => projections.filter(({ inline }) => !inline).map(({ name }) => name))
  .concat('feed')
  .sort();

describeOnKafka('an installation whose Kafka has lost events', () => {
  let folder: string;
  let database: TestDatabase;
  let store: pg.Client;
  let env: Environment;
  let server: ServerProgram;
  let cast: Cast;
  let conversations: string[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heddle-resent-'));
    database = await createTestDatabase();
    store = new pg.Client({ connectionString: database.url });
    await store.connect();
    env = {
      DATABASE_URL: database.url,
      HEDDLE_DATA_DIR: join(folder, 'data'),
      HEDDLE_ROOT_KEY: ROOT,
      KAFKA_BROKERS: testBrokers().join(','),
      HEDDLE_KAFKA_PREFIX: testName('resent'),
    };
    server = await ServerProgram.start(env);
    const root = new ApiClient(server.url, ROOT);
    const workspace = created(await root.post('/v1/workspaces', { name: 'Acme', external_id: 'acme' })).id;
    const { key } = created(await root.post('/v1/api_keys', { workspace_id: workspace, name: 'one', scopes: ['*'] }));
    const api = new ApiClient(server.url, key);
    const customer = created(await api.post('/v1/customers', { external_id: 'ada', name: 'Ada' })).id;
    cast = { workspace, api, customer, user: '', aiAgent: '' };
    conversations = [];
    for (let n = 0; n < 8; n++) conversations.push(created(await conversationWith(cast)).id);
    for (const conversation of conversations) for (let n = 0; n < 5; n++) await messageTo(conversation, cast, `${n}`);
  }, 120_000);
  afterEach(async () => {
    await server.stop();
    await store.end();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  const counted = async (text: string) => Number((await store.query(`select (${text}) as n`)).rows[0].n);
  const relayedAll = () =>
    until(
      async () => (await counted('select max(position) - (select position from log.relay) from log.events')) === 0,
      60_000,
    );
  const restarted = async () => {
    server = await ServerProgram.start(env);
    const { key } = created(
      await new ApiClient(server.url, ROOT).post('/v1/api_keys', {
        workspace_id: cast.workspace,
        name: 'again',
        scopes: ['*'],
      }),
    );
    cast = { ...cast, api: new ApiClient(server.url, key) };
  };

  /** What the page says: once the two are equal, the read models are built anew; then each counts what was posted. */
  const repair = async (messages: number) => {
    await relayedAll();
    const events = await counted('select count(*) from log.events');
    expect(resultOf(await heddle(env, 'log', 'verify'))).toMatchObject({ events, position: events });
    for (const name of FOLLOWED) {
      expect((await heddle(env, 'projection', 'rebuild', name)).status).toBe(0);
    }
    const last = (await messageTo(conversations[0]!, cast, 'After')).headers.get('heddle-position')!;
    const facts = async (id: string) =>
      (await cast.api.get(`/v1/analytics/conversations/${id}?wait_for=${last}`)).body.messages as number;
    expect(await facts(conversations[0]!)).toBe(messages + 1);
    for (const id of conversations.slice(1)) expect(await facts(id)).toBe(5);
    const verified = await heddle(env, 'projection', 'verify');
    expect([verified.status, verified.out]).toEqual([0, expect.not.stringContaining('"equal":false')]);
  };

  it('says so, goes on taking messages, and is whole again after resend and rebuild', async () => {
    await relayedAll();
    await server.stop();
    const admin = testKafka().admin();
    await admin.connect();
    const topic = `${env.HEDDLE_KAFKA_PREFIX}.conversation`;
    await admin.deleteTopics({ topics: [topic] });
    await until(async () => !(await admin.listTopics()).includes(topic), 60_000);
    await admin.disconnect();

    await restarted();
    await until(async () => (await counted(`select count(*) from log.relay where state = 'diverged'`)) === 1);
    for (let n = 0; n < 3; n++) expect((await messageTo(conversations[0]!, cast, 'Meanwhile')).status).toBe(201);
    expect((await heddle(env, 'log', 'verify')).status).toBe(1);
    const told = resultOf(await heddle(env, 'log', 'resend'));
    expect(told.stopped).toEqual(FOLLOWED);
    await repair(8);
  }, 180_000);

  it('goes to other topics when it is told to, and not before', async () => {
    await relayedAll();
    await server.stop();
    const first = env.HEDDLE_KAFKA_PREFIX!;
    env = { ...env, HEDDLE_KAFKA_PREFIX: testName('elsewhere') };
    await expect(ServerProgram.start(env)).rejects.toThrow(/carried to the topics resent-.*heddle log resend/);
    resultOf(await heddle(env, 'log', 'resend'));
    await restarted();
    await repair(5);
    const [before, after] = [await recordsUnder(first), await recordsUnder(env.HEDDLE_KAFKA_PREFIX!)];
    const ids = (records: { position: number }[]) => records.map(({ position }) => position).sort((a, b) => a - b);
    expect(ids(after).slice(0, before.length)).toEqual(ids(before));
  }, 180_000);
});
