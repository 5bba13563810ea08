import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { describeOnKafka, testBrokers, testName } from '../../libs/platform/testing/test-kafka.js';
import { eventually, until } from '../../libs/platform/testing/until.js';
import { ApiClient, type Cast, conversationWith, created, messageTo } from './journey.js';
import { type Environment, HeddleCommand, heddle, resultOf, ServerProgram } from './programs.js';
import { recordsUnder } from './topic-reader.js';

const ROOT = 'hdlroot_of_a_log_that_moves';
const IMPORTED = 600;
const MESSAGES = 8;
const REAL = join(packageRoot, '..', 'shared', 'data', 'customer-care.ndjson');

/** Conversations of another system, as an import takes them. */
function history(): string {
  const lines: string[] = [];
  for (let i = 0; i < IMPORTED; i++) {
    const messages = Array.from({ length: MESSAGES }, (_, n) => ({
      id: `${i}-${n}`,
      at: '2026-01-02T03:04:05Z',
      author: { type: n % 2 === 0 ? 'customer' : 'agent', id: n % 2 === 0 ? `c${i}` : 'a1' },
      text: `Text ${i} ${n}`,
    }));
    lines.push(JSON.stringify({ conversation: `conversation ${i}`, channel: 'email', customer: `c${i}`, messages }));
  }
  return lines.join('\n');
}

/** Posts to one conversation after another until it is stopped; keeps what was acknowledged. */
class Load {
  readonly acknowledged: string[] = [];
  readonly refused: number[] = [];
  private stopped = false;
  private readonly running: Promise<void>[];

  constructor(cast: Cast, conversations: readonly string[]) {
    this.running = conversations.map(async (conversation) => {
      while (!this.stopped) {
        const { status, headers } = await messageTo(conversation, cast, 'Under way');
        if (status === 201) this.acknowledged.push(headers.get('heddle-position')!);
        else this.refused.push(status);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.allSettled(this.running);
  }
}

/** The store's position in a public cursor. */
const placeIn = (cursor: string) => Number(Buffer.from(cursor, 'base64url').readBigUInt64BE(7));

describeOnKafka('an embedded installation that moves to Kafka', () => {
  let dataDir: string;
  let server: ServerProgram;
  let load: Load | null = null;
  let store: pg.Client;
  const prefix = testName('moving');
  let embedded: Environment;
  let onKafka: Environment;

  const connect = async () => {
    const client = new pg.Client({ connectionString: readFileSync(join(dataDir, 'postgres-url'), 'utf8').trim() });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const one = async (sql: string) => Number((await store.query(`select (${sql}) as n`)).rows[0].n);
  const relayed = async () => (await one('select position from log.relay')) || 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'heddle-moving-'));
    embedded = { HEDDLE_DATA_DIR: dataDir, HEDDLE_ROOT_KEY: ROOT, HEDDLE_RATE_LIMIT: '1000000' };
    onKafka = { ...embedded, KAFKA_BROKERS: testBrokers().join(','), HEDDLE_KAFKA_PREFIX: prefix };
    server = await ServerProgram.start(embedded);
    store = await connect();
  }, 180_000);
  afterAll(async () => {
    await load?.stop();
    await store?.end().catch(() => undefined);
    await server?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }, 120_000);

  (existsSync(REAL) ? it : it.skip)(
    `holds the customer care data set (${REAL})`,
    async () => {
      const caller = { HEDDLE_URL: server.url, HEDDLE_API_KEY: ROOT };
      const imported = await heddle(caller, 'import', REAL, '--workspace-from', 'organization');
      expect([imported.status, resultOf(imported)]).toEqual([0, expect.objectContaining({ skipped: 0, refused: 0 })]);
    },
    120_000,
  );

  it('loses, doubles and reorders nothing, whatever is killed on the way', async () => {
    const root = new ApiClient(server.url, ROOT);
    const workspace = created(await root.post('/v1/workspaces', { name: 'Acme' })).id;
    const keyed = created(
      await root.post('/v1/api_keys', { workspace_id: workspace, name: 'mover', scopes: ['*'] }),
    ).key;
    const api = new ApiClient(server.url, keyed);
    const customer = created(await api.post('/v1/customers', { external_id: 'first', name: 'Somebody' })).id;
    const cast = { workspace, api, customer, user: '', aiAgent: '' };
    const imported = await api.send('POST', '/v1/import', undefined, {
      raw: history(),
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect(imported.status).toBe(200);
    const conversations: string[] = [];
    for (let i = 0; i < 5; i++) conversations.push(created(await conversationWith(cast)).id);
    const watched = conversations[0]!;

    // An event that the read model refuses waits as a dead letter until its cause is gone.
    await store.query(`alter table analytics.conversation_facts add constraint poison check (channel <> 'cursed')`);
    const cursed = created(await conversationWith(cast, { channel: 'cursed' })).id;
    const letters = () => one('select count(*) from analytics.dead_letters where redriven_at is null');
    await until(async () => (await letters()) === 1);
    const before = (await messageTo(watched, cast, 'Before')).headers.get('heddle-position')!;
    await messageTo(watched, cast, 'Also before');
    const page = await api.get(`/v1/conversations/${watched}/events?limit=1`);

    load = new Load(cast, conversations);
    for (let kills = 0, last = 0; kills < 2; kills++) {
      const command = new HeddleCommand(['log', 'migrate', '--to', 'kafka'], onKafka);
      await until(async () => command.hasEnded || (await relayed()) > last, 60_000);
      await command.kill();
      last = await relayed();
      expect(last).toBeLessThan(await one('select max(position) from log.events'));
    }
    const told = await heddle(onKafka, 'log', 'migrate', '--to', 'kafka');
    const migrated = resultOf(told);
    expect(told.err).toContain('KAFKA_BROKERS');
    expect(migrated).toMatchObject({ events: migrated.position, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const topics = Object.values(migrated.topics as Record<string, number>);
    expect(topics.reduce((a, b) => a + b, 0)).toBe(migrated.position);
    expect(migrated.position).toBeGreaterThan(IMPORTED * MESSAGES);
    // The operator has the brokers in the environment already, and the log is still in the store.
    const rebuilt = await heddle(onKafka, 'projection', 'rebuild', 'conversation_facts');
    expect([rebuilt.status, await one(`select count(*) from analytics.projections where partition = 'log'`)]).toEqual([
      0, 1,
    ]);
    // Written after what was carried: the first start on Kafka brings it there.
    await until(async () => (await one('select max(position) from log.events')) > migrated.position + 10);
    await load.stop();
    expect(load.refused).toEqual([]);

    await store.end();
    await server.stop();
    server = await ServerProgram.start(onKafka);
    store = await connect();
    const after = new ApiClient(server.url, keyed);
    const moved = { ...cast, api: after };
    const place = (await messageTo(watched, moved, 'After')).headers.get('heddle-position')!;
    const end = await one('select max(position) from log.events');
    await until(async () => (await relayed()) === end, 60_000);

    // As Heddle's own readers see it, and then as somebody else does.
    expect(resultOf(await heddle(onKafka, 'log', 'verify'))).toMatchObject({ events: end, position: end });
    const records = await recordsUnder(prefix);
    const { rows } = await store.query<{ position: number; stream: string; seq: number }>(
      `select position::int, replace(stream::text, '-', '') as stream, seq from log.events order by position`,
    );
    expect(records.map(({ position }) => position).sort((a, b) => a - b)).toEqual(rows.map(({ position }) => position));
    const found = new Set(records.map(({ position }) => position));
    expect(load.acknowledged.filter((cursor) => !found.has(placeIn(cursor)))).toEqual([]);
    expect(load.acknowledged.length).toBeGreaterThan(20);
    const seqs = new Map<string, number>();
    const seqAt = new Map(rows.map(({ position, seq }) => [position, seq]));
    for (const { key, position } of records) {
      expect([key, seqAt.get(position)]).toEqual([key, (seqs.get(key) ?? 0) + 1]);
      seqs.set(key, seqAt.get(position)!);
    }

    // Cursors that were given out before the move.
    // Whoever follows Kafka has just begun: an answer waits for 5 s, and a busy machine may need more.
    for (const cursor of [before, place]) {
      const facts = () => after.get(`/v1/analytics/conversations/${watched}?wait_for=${cursor}`);
      await eventually(async () => expect((await facts()).status).toBe(200));
    }
    const seen = await after.get(`/v1/conversations/${watched}/events?cursor=${before}&limit=1`);
    expect(seen.body.data[0].position).toBeGreaterThan(placeIn(before));
    const next = await after.get(`/v1/conversations/${watched}/events?cursor=${page.body.next_cursor}&limit=1`);
    expect(next.body.data[0].seq).toBe(2);

    // A dead letter from before the move.
    expect(await letters()).toBe(1);
    await store.query('alter table analytics.conversation_facts drop constraint poison');
    const redriven = await heddle(onKafka, 'projection', 'redrive', 'conversation_facts');
    expect([redriven.status, await letters()]).toEqual([0, 0]);
    expect((await after.get(`/v1/analytics/conversations/${cursed}`)).status).toBe(200);

    await after.get(`/v1/analytics/conversations/${watched}?wait_for=${place}`);
    const verified = resultOf(await heddle(onKafka, 'projection', 'verify', 'conversation_facts'));
    expect(verified).toMatchObject({ equal: true, differences: [], failing: [] });
    expect(await one('select sum(messages) from analytics.conversation_facts')).toBe(
      await one(`select count(*) from log.events where type = 'message.created'`),
    );
    expect(await one('select count(*) from analytics.conversation_facts')).toBe(
      await one(`select count(*) from log.events where type = 'conversation.created'`),
    );

    // The feed is a read model there, too.
    const feed = async () =>
      JSON.parse((await heddle(onKafka, 'projection', 'list', '--json')).out).find(
        ({ name }: { name: string }) => name === 'feed',
      );
    await until(async () => (await one('select through from feed.readable')) === end, 60_000);
    expect(await feed()).toMatchObject({ service: 'feed', kept: 'followed', dead_letters: 0, diverged: false });
    expect(resultOf(await heddle(onKafka, 'projection', 'rebuild', 'feed'))).toMatchObject({ rows: end });
    expect(await one('select through from feed.readable')).toBe(end);
    expect(resultOf(await heddle(onKafka, 'projection', 'dead-letters', 'feed', '--json'))).toEqual([]);
    expect((await heddle(onKafka, 'projection', 'redrive', 'feed')).status).toBe(0);

    const again = await heddle(onKafka, 'log', 'migrate', '--to', 'kafka');
    expect([again.status, again.err]).toEqual([
      1,
      expect.stringMatching(/^The log of this store is on Kafka since .*\n$/),
    ]);
  }, 600_000);
});

it('needs the brokers', async () => {
  expect(await heddle({}, 'log', 'migrate', '--to', 'kafka')).toEqual({
    status: 1,
    out: '',
    err: expect.stringMatching(/^KAFKA_BROKERS is not set: .*\n$/),
  });
});
