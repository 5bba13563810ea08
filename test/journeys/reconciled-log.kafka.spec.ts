import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { describeOnKafka, testBrokers, testName } from '../../libs/platform/testing/test-kafka.js';
import { eventually, until } from '../../libs/platform/testing/until.js';
import { ApiClient, type Cast, conversationWith, created, messageTo, problem } from './journey.js';
import { type Environment, heddle, resultOf, ServerProgram } from './programs.js';
import { recordsUnder } from './topic-reader.js';

const ROOT = 'hdlroot_of_a_store_that_lost';

/** In the backup both are one customer's; after it one went to another customer, and one to nobody. */
const [MOVED, DROPPED] = ['moved@example.org', 'dropped@example.org'];

describeOnKafka('a store that is restored from a backup while its log is on Kafka', () => {
  let folder: string;
  let databases: TestDatabase[];
  let server: ServerProgram | null;
  let stores: pg.Client[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'heddle-lost-'));
    databases = [];
    stores = [];
    server = null;
  });
  afterEach(async () => {
    await server?.stop();
    for (const store of stores) await store.end();
    for (const database of databases) await database.drop();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  /** An installation's environment on a new database; they share Kafka, the root key and the data directory. */
  const onDatabase = async (prefix: string): Promise<Environment> => {
    const database = await createTestDatabase();
    databases.push(database);
    return {
      DATABASE_URL: database.url,
      HEDDLE_DATA_DIR: join(folder, 'data'),
      HEDDLE_ROOT_KEY: ROOT,
      KAFKA_BROKERS: testBrokers().join(','),
      HEDDLE_KAFKA_PREFIX: prefix,
    };
  };
  const storeOf = async (env: Environment) => {
    const client = new pg.Client({ connectionString: env.DATABASE_URL! });
    await client.connect();
    stores.push(client);
    return client;
  };
  const table = async (store: pg.Client, sql: string) => (await store.query(sql)).rows;
  const relayedAll = (store: pg.Client) =>
    until(
      async () =>
        (await table(store, 'select (select position from log.relay) = max(position) as done from log.events'))[0].done,
      60_000,
    );

  /** What a client had done before the store was lost: half of it is in the backup. */
  const live = async (env: Environment) => {
    server = await ServerProgram.start(env);
    const root = new ApiClient(server.url, ROOT);
    const made = created(await root.post('/v1/workspaces', { name: 'Acme', external_id: 'acme' }));
    const keyOf = async (workspace: string) =>
      created(await root.post('/v1/api_keys', { workspace_id: workspace, name: 'one', scopes: ['*'] })).key as string;
    const key = await keyOf(made.id);
    const api = new ApiClient(server.url, key);
    const customer = created(await api.post('/v1/customers', { external_id: 'old', name: 'Old Name' })).id;
    const cast: Cast = { workspace: made.id, api, customer, user: '', aiAgent: '' };
    const moving = (value: string) => ({ identity: { kind: 'email', value } });
    const { id: identity_id } = created(await api.post(`/v1/customers/${customer}/add_identity`, moving(MOVED)));
    const { id: dropped } = created(await api.post(`/v1/customers/${customer}/add_identity`, moving(DROPPED)));
    const conversation = created(await conversationWith(cast)).id;
    await messageTo(conversation, cast, 'In the backup');
    const backedUp = resultOf(await heddle(env, 'backup', join(folder, 'backup')));
    await copyFile(join(folder, 'backup.keys'), join(folder, 'old.keys'));

    await api.post('/v1/customers', { external_id: 'old', name: 'New Name' });
    const newcomer = created(await api.post('/v1/customers', { external_id: 'new', name: 'Newcomer' })).id;
    await api.post(`/v1/customers/${customer}/remove_identity`, { identity_id });
    await api.post(`/v1/customers/${customer}/remove_identity`, { identity_id: dropped });
    created(await api.post(`/v1/customers/${newcomer}/add_identity`, moving(MOVED)));
    const agent = created(await api.post('/v1/ai_agents', { external_id: 'bot', name: 'Bot' })).id;
    await api.post('/v1/users', { external_id: 'ada', name: 'Ada', email: 'ada@example.org' });
    const theirs = { ...cast, customer: newcomer };
    const lost = created(await conversationWith(theirs, { external_id: 'ticket 7' })).id;
    const author = { type: 'customer', id: newcomer };
    const message = { author, type: 'text', text: 'Not in the backup', external_id: 'mail 1' };
    created(await api.post(`/v1/conversations/${lost}/messages`, message));
    await api.post(`/v1/conversations/${conversation}/assign`, { assignee: { type: 'ai_agent', id: agent } });
    const other = created(await root.post('/v1/workspaces', { name: 'Other', external_id: 'other' })).id;
    const otherKey = await keyOf(other);
    const cursor = (await messageTo(conversation, cast, 'The last')).headers.get('heddle-position')!;
    resultOf(await heddle(env, 'backup-keys', join(folder, 'backup.keys')));
    const store = await storeOf(env);
    await relayedAll(store);
    await server.stop();
    return { store, key, otherKey, cast, conversation, lost, newcomer, message, cursor, fork: backedUp.lastPosition };
  };

  const EVENTS = `select position, workspace, stream, seq, type, schema_fingerprint, payload from log.events order by 1`;
  const HEADS = `select stream, workspace, type, version, case when state like 'sealed:%' then 'sealed' else state end
                   from log.streams order by 1`;
  const CLAIMS = 'select claim, workspace, stream from log.claims order by 1';

  it('takes no changes before it has got back what Kafka has, and then goes on as if nothing was lost', async () => {
    const first = await onDatabase(testName('lost'));
    const { store, key, otherKey, cast, conversation, lost, newcomer, message, cursor, fork } = await live(first);
    const env = await onDatabase(first.HEDDLE_KAFKA_PREFIX!);
    const keys = ['--keys', join(folder, 'backup.keys')];
    expect(resultOf(await heddle(env, 'restore', join(folder, 'backup'), ...keys)).lastPosition).toBe(fork);
    const restored = await storeOf(env);

    server = await ServerProgram.start(env);
    const api = new ApiClient(server.url, key);
    const now = { ...cast, api };
    const refused = await messageTo(conversation, now, 'Too early');
    expect(problem(refused)).toEqual({ status: 503, code: 'unavailable' });
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(refused.body.detail).toContain('heddle log reconcile');
    // Of what the store does not know at the moment nothing is said that would be wrong later.
    expect((await messageTo(lost, now)).status).toBe(503);
    expect((await api.get(`/v1/conversations/${conversation}`)).status).toBe(200);
    expect(problem(await api.get(`/v1/conversations/${conversation}/events?cursor=${cursor}`)).code).toBe(
      'cursor_diverged',
    );
    await until(async () => (await table(restored, 'select state from log.relay'))[0]?.state === 'diverged');
    expect((await messageTo(conversation, now, 'Still too early')).status).toBe(503);
    expect(await table(restored, 'select max(position)::int as n from log.events')).toEqual([{ n: fork }]);

    const told = resultOf(await heddle(env, 'log', 'reconcile'));
    const all = await table(store, EVENTS);
    expect(told).toMatchObject({
      events: all.length - fork,
      position: all.length,
      missing: [],
      erased_people: 0,
      freed_names: 0,
    });
    expect(await table(restored, EVENTS)).toEqual(all);
    expect(await table(restored, HEADS)).toEqual(await table(store, HEADS));
    expect(await table(restored, CLAIMS)).toEqual(await table(store, CLAIMS));

    await until(async () => (await messageTo(conversation, now, 'After')).status === 201);
    const again = await messageTo(lost, { api, customer: cast.customer });
    expect(again.status).toBe(201);
    // Names that were given after the backup are taken.
    expect((await api.post('/v1/customers', { external_id: 'new', name: 'Newcomer' })).status).toBe(200);
    expect((await api.post('/v1/customers', { external_id: 'old', name: 'New Name' })).status).toBe(200);
    expect((await api.post('/v1/users', { external_id: 'ada', name: 'Ada', email: 'ada@example.org' })).status).toBe(
      200,
    );
    expect((await api.post(`/v1/conversations/${lost}/messages`, message)).status).toBe(409);
    expect((await conversationWith(now, { external_id: 'ticket 7' })).status).toBe(409);
    // What was given up is whose the log says, and nobody's where nobody took it.
    const lookUp = (value: string) => api.post('/v1/customers/look_up', { identity: { kind: 'email', value } });
    expect((await lookUp(MOVED)).body.id).toBe(newcomer);
    expect((await lookUp(DROPPED)).status).toBe(404);
    // The state that came back is the state that was there: nothing of these was a change.
    const added = await table(restored, `select type from log.events where position > ${all.length} order by position`);
    expect(new Set(added.map(({ type }) => type))).toEqual(new Set(['message.created']));
    expect((await new ApiClient(server.url, otherKey).get('/v1/customers')).status).toBe(200);
    // A cursor from what was lost leads to the same place, now that it is back.
    const events = await api.get(`/v1/conversations/${conversation}/events?cursor=${cursor}`);
    expect(events.body.data[0]).toMatchObject({ type: 'message.created', data: { text: 'After' } });

    await relayedAll(restored);
    const records = await recordsUnder(env.HEDDLE_KAFKA_PREFIX!);
    const positions = await table(restored, 'select position::int as position from log.events order by 1');
    expect(records.map(({ position }) => position).sort((a, b) => a - b)).toEqual(positions.map((row) => row.position));
    const last = again.headers.get('heddle-position')!;
    // An answer waits for 5 s, and a busy machine may need more.
    const facts = () => api.get(`/v1/analytics/conversations/${lost}?wait_for=${last}`);
    await eventually(async () => expect((await facts()).status).toBe(200));
    const { status, out } = await heddle(env, 'projection', 'verify');
    const reports = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([status, reports.filter(({ equal }) => !equal)]).toEqual([0, []]);
    expect(resultOf(await heddle(env, 'log', 'reconcile'))).toMatchObject({ events: 0, missing: [] });
  }, 600_000);

  it('reads as erased what was sealed with keys that are lost, and says which names are free again', async () => {
    const first = await onDatabase(testName('lost'));
    const { key, cast, conversation, lost, newcomer } = await live(first);
    const env = await onDatabase(first.HEDDLE_KAFKA_PREFIX!);
    resultOf(await heddle(env, 'restore', join(folder, 'backup'), '--keys', join(folder, 'old.keys')));
    // With nothing running on it.
    const told = resultOf(await heddle(env, 'log', 'reconcile'));
    // Newcomer and Ada; their external ids, Newcomer's address, the ticket's and the mail's.
    expect(told).toMatchObject({ erased_people: 2, freed_names: 5 });
    server = await ServerProgram.start(env);
    const api = new ApiClient(server.url, key);
    expect((await messageTo(conversation, { ...cast, api })).status).toBe(201);
    expect((await api.get(`/v1/customers/${newcomer}`)).body.name).toBe('erased');
    const { body } = await api.get(`/v1/conversations/${lost}/events?type=message.created`);
    expect(body.data[0].data.text).toBe('erased');
    expect((await messageTo(lost, { ...cast, api })).body.code).toBe('person_erased');
    const another = await api.post('/v1/customers', { external_id: 'new', name: 'Newcomer' });
    expect([another.status, another.body.id === newcomer]).toEqual([201, false]);
    expect((await api.post('/v1/customers', { external_id: 'old', name: 'New Name' })).body.id).toBe(cast.customer);
    const { status, out } = await heddle(env, 'projection', 'verify');
    const reports = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([status, reports.filter(({ equal }) => !equal)]).toEqual([0, []]);
  }, 600_000);

  it('goes on by itself where Kafka has nothing that it lacks', async () => {
    const first = await onDatabase(testName('kept'));
    server = await ServerProgram.start(first);
    await relayedAll(await storeOf(first));
    resultOf(await heddle(first, 'backup', join(folder, 'backup')));
    await server.stop();
    const env = await onDatabase(first.HEDDLE_KAFKA_PREFIX!);
    resultOf(await heddle(env, 'restore', join(folder, 'backup')));
    server = await ServerProgram.start(env);
    const root = new ApiClient(server.url, ROOT);
    await until(async () => (await root.post('/v1/workspaces', { name: 'Later' })).status === 201);
  }, 180_000);
});
