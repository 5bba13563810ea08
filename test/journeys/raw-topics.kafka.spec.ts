import avro from 'avsc';
import { type Admin, CompressionTypes, type IHeaders, Partitioners, type Producer } from 'kafkajs';
import pg from 'pg';
import { pino } from 'pino';
import { AppModule } from '../../apps/heddle/app.module.js';
import { frame } from '../../libs/platform/kafka/frame.js';
import { type Server, startServer } from '../../libs/platform/runtime/server.js';
import { createTestDatabase, type TestDatabase } from '../../libs/platform/testing/test-database.js';
import { describeOnKafka, testBrokers, testKafka, testName } from '../../libs/platform/testing/test-kafka.js';
import { eventually } from '../../libs/platform/testing/until.js';
import { ApiClient, created, problem, ROOT_KEY } from './journey.js';

const LONG = 60_000;

interface Recorded {
  seq: number;
  stream: string;
  /** Not sealed: by it a test knows which is which. */
  source: string;
  type: string;
  version: number | null;
  workspace: string;
}

describeOnKafka('a raw topic', () => {
  const prefix = testName('raw');
  let database: TestDatabase;
  let servers: Server[] = [];
  let admin: Admin;
  let producer: Producer;
  let db: pg.Client;
  let root: ApiClient;

  const serve = (relays: boolean) =>
    startServer({
      module: AppModule,
      databaseUrl: database.url,
      rootKey: ROOT_KEY,
      host: '127.0.0.1',
      port: 0,
      version: '0.0.0',
      log: pino({ level: 'silent' }),
      quota: 1_000_000,
      kafka: { brokers: testBrokers(), tls: null, sasl: null, prefix, replication: null },
      relays,
    });

  beforeAll(async () => {
    database = await createTestDatabase();
    servers = [await serve(true), await serve(false)];
    const kafka = testKafka();
    admin = kafka.admin();
    producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner, allowAutoTopicCreation: false });
    db = new pg.Client({ connectionString: database.url });
    await Promise.all([admin.connect(), producer.connect(), db.connect()]);
    root = new ApiClient(servers[0]!.url, ROOT_KEY);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([...servers.map((server) => server.close()), producer.disconnect(), db.end()]);
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(`${prefix}.`));
    await admin.deleteTopics({ topics });
    await admin.disconnect();
    await database.drop();
  }, 120_000);

  /** A workspace whose topic is there, and followed. */
  async function member(): Promise<{ api: ApiClient; workspace: string; topic: string; customer: string }> {
    const workspace = created(await root.post('/v1/workspaces', { name: 'Acme' })).id as string;
    const { key } = created(await root.post('/v1/api_keys', { workspace_id: workspace, name: 'x', scopes: ['*'] }));
    const api = new ApiClient(servers[0]!.url, key);
    const customer = created(await api.post('/v1/customers', { external_id: 'ada', name: 'Ada' })).id as string;
    const topic = `${prefix}.in.${workspace}`;
    await eventually(async () => expect(await admin.listTopics()).toContain(topic), LONG);
    return { api, workspace, topic, customer };
  }

  interface Sent {
    key?: string;
    timestamp?: string;
    value: Buffer | string | null;
    headers?: IHeaders;
    partition?: number;
  }
  const send = (topic: string, ...messages: Sent[]) =>
    eventually(() => producer.send({ topic, acks: -1, messages: messages.map((one) => ({ key: 'k', ...one })) }), LONG);
  const paid = (source: string, more: object = {}) =>
    JSON.stringify({ type: 'invoice.paid', source, subject: { customer: { external_id: 'ada' } }, data: {}, ...more });

  async function recorded(workspace: string): Promise<Recorded[]> {
    const { rows } = await db.query<{ schema_fingerprint: Buffer; payload: Buffer }>(
      "select schema_fingerprint, payload from log.events where workspace = $1 and type = 'activity.recorded' order by position",
      [workspace.slice(4)],
    );
    return rows.map((row) => {
      const { meta, data } = servers[0]!.runtime.codec.decode(row.schema_fingerprint, row.payload);
      return {
        seq: meta.seq,
        stream: meta.stream,
        source: data.source as string,
        type: data.activity_type as string,
        version: data.type_version as number | null,
        workspace: meta.workspace,
      };
    });
  }

  const letters = async (api: ApiClient, query = '') =>
    (await api.get(`/v1/events/dead_letters${query}`)).body.data as Record<string, unknown>[];

  it('is made for a workspace, kept for 7 days, and what stands on it is recorded in its order', async () => {
    const { workspace, topic } = await member();
    await send(topic, ...Array.from({ length: 700 }, (_, i) => ({ value: paid(`n-${i}`) })));
    await eventually(async () => expect(await recorded(workspace)).toHaveLength(700), LONG);
    const all = await recorded(workspace);
    expect(all.map(({ source }) => source)).toEqual(all.map((_, i) => `n-${i}`));
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => i + 1));
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: topic }],
    });
    const config = new Map(resources[0]!.configEntries.map((entry) => [entry.configName, entry.configValue]));
    expect([config.get('retention.ms'), config.get('cleanup.policy')]).toEqual(['604800000', 'delete']);
    // From when the broker took it, whatever time its producer names.
    expect(config.get('message.timestamp.type')).toBe('LogAppendTime');
  }, 240_000);

  it('has the time at which the broker took a record, whatever its producer says', async () => {
    const { api, topic } = await member();
    const before = Date.now();
    await send(topic, { value: 'no activity', timestamp: '946684800000' });
    await eventually(async () => expect(await letters(api)).toHaveLength(1), LONG);
    const [letter] = await letters(api);
    expect(Date.parse(letter!.written_at as string)).toBeGreaterThanOrEqual(before);
  }, 240_000);

  it('doubles nothing that comes again, with an id or without', async () => {
    const { workspace, topic, api } = await member();
    await send(
      topic,
      { value: paid('a') },
      { value: paid('b', { id: '1' }) },
      { value: paid('b', { id: '1' }) },
      { value: 'x' },
    );
    await eventually(async () => expect(await recorded(workspace)).toHaveLength(2), LONG);
    await eventually(async () => expect(await letters(api)).toHaveLength(1), LONG);
    await Promise.all(servers.map((server) => server.close()));
    // As if no offset had ever been committed.
    const groups = (await admin.listGroups()).groups.filter(({ groupId }) =>
      groupId.startsWith(`${prefix}.ingest.raw.`),
    );
    expect(groups).toHaveLength(1);
    await eventually(() => admin.deleteGroups(groups.map(({ groupId }) => groupId)), LONG);
    servers = [await serve(true), await serve(false)];
    root = new ApiClient(servers[0]!.url, ROOT_KEY);
    await send(topic, { value: paid('c') });
    await eventually(
      async () => expect((await recorded(workspace)).map(({ source }) => source)).toEqual(['a', 'b', 'c']),
      LONG,
    );
    expect(await letters(new ApiClient(servers[0]!.url, api.key))).toHaveLength(1);
  }, 120_000);

  it('takes in again what stands on it where the store was put back, and doubles nothing', async () => {
    const { workspace, topic, api } = await member();
    await send(topic, { value: paid('a') }, { value: 'x' });
    await eventually(async () => expect(await letters(api)).toHaveLength(1), LONG);
    await Promise.all(servers.map((server) => server.close()));
    // As if the letter had been written after the backup, and the cluster were another one.
    await db.query('delete from ingest.raw_dead_letters where workspace = $1', [workspace.slice(4)]);
    await db.query("update log.epochs set system_identifier = 'another'");
    servers = [await serve(true), await serve(false)];
    root = new ApiClient(servers[0]!.url, ROOT_KEY);
    const again = new ApiClient(servers[0]!.url, api.key);
    await eventually(async () => expect(await letters(again)).toHaveLength(1), LONG);
    expect((await recorded(workspace)).map(({ source }) => source)).toEqual(['a']);
  }, 120_000);

  it('goes on after a batch that unpacks without an end, and says so in one letter', async () => {
    const { workspace, topic, api } = await member();
    const messages = Array.from({ length: 4 }, () => ({ key: 'k', value: Buffer.alloc(6 * 1024 * 1024) }));
    await eventually(() => producer.send({ topic, acks: -1, compression: CompressionTypes.GZIP, messages }), LONG);
    await send(topic, { value: paid('after') });
    await eventually(
      async () => expect((await recorded(workspace)).map(({ source }) => source)).toEqual(['after']),
      LONG,
    );
    // It is written after what was taken beside it.
    await eventually(async () => expect(await letters(api)).toHaveLength(1), LONG);
    const [letter] = await letters(api);
    const { body } = await api.get(`/v1/events/dead_letters/${letter!.id}`);
    expect(body).toMatchObject({ offset: 3, code: 'undecodable', value: null, headers: {} });
    expect(body.detail).toContain('unpacks to more than 16 MiB');
    const redriven = await api.post(`/v1/events/dead_letters/${letter!.id}/redrive`, {});
    expect(redriven.body).toMatchObject({ status: 'refused', detail: body.detail });
  }, 240_000);

  it('takes CloudEvents and Avro in the wire format of Confluent', async () => {
    const { workspace, topic, customer } = await member();
    const event = {
      specversion: '1.0',
      id: '1',
      source: 'ce',
      type: 'a.b',
      subject: `customer/${customer}`,
      data: { n: 1 },
    };
    const { data, ...attributes } = event;
    const schema = {
      type: 'record',
      name: 'Paid',
      fields: [
        { name: 'id', type: ['null', 'string'] },
        { name: 'type', type: 'string' },
        { name: 'source', type: 'string' },
        { name: 'occurred_at', type: { type: 'long', logicalType: 'timestamp-millis' } },
        {
          name: 'subject',
          type: {
            type: 'record',
            name: 'Subject',
            fields: [{ name: 'customer', type: { type: 'map', values: 'string' } }],
          },
        },
        { name: 'data', type: { type: 'record', name: 'Data', fields: [{ name: 'amount', type: ['null', 'int'] }] } },
      ],
    };
    const registered = await root.post('/registry/subjects/paid-value/versions', { schema: JSON.stringify(schema) });
    const value = {
      id: null,
      type: 'avro.paid',
      source: 'avro',
      occurred_at: Date.now(),
      subject: { customer: { external_id: 'ada' } },
      data: { amount: { int: 5 } },
    };
    const payload = avro.Type.forSchema(schema as avro.Schema, { wrapUnions: 'always' }).toBuffer(value);
    await send(
      topic,
      { value: JSON.stringify(event), headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' } },
      {
        value: JSON.stringify(data),
        headers: Object.fromEntries(
          Object.entries({ ...attributes, id: '2', source: 'binary' }).map(([name, one]) => [`ce_${name}`, one]),
        ),
      },
      { value: frame(JSON.parse(registered.body).id, payload) },
    );
    await eventually(
      async () => expect((await recorded(workspace)).map(({ source }) => source)).toEqual(['ce', 'binary', 'avro']),
      LONG,
    );
  }, 120_000);

  it('says whose it is, whatever the payload says', async () => {
    const [ours, theirs] = [await member(), await member()];
    await send(
      ours.topic,
      { value: paid('a', { workspace: theirs.workspace }) },
      { value: paid('b', { subject: { customer: { id: theirs.customer } } }) },
      { value: paid('c') },
    );
    await eventually(
      async () => expect((await recorded(ours.workspace)).map(({ source }) => source)).toEqual(['c']),
      LONG,
    );
    // They are written after what was taken beside them.
    await eventually(async () => {
      const codes = (await letters(ours.api)).map(({ code }) => code);
      expect(codes.sort()).toEqual(['invalid_request', 'unknown_reference']);
    }, LONG);
    expect(await recorded(theirs.workspace)).toEqual([]);
    expect(await letters(theirs.api)).toEqual([]);
    const [{ id }] = (await letters(ours.api)) as [{ id: string }];
    expect(problem(await theirs.api.get(`/v1/events/dead_letters/${id}`))).toEqual({ status: 404, code: 'not_found' });
    const stranger = await theirs.api.post(`/v1/events/dead_letters/${id}/redrive`);
    expect(problem(stranger)).toEqual({ status: 404, code: 'not_found' });
  }, 240_000);

  it('sets aside what cannot be taken, with its cause, and takes it later, once', async () => {
    const { api, workspace, topic } = await member();
    const schema = (required: string[]) => ({
      type: 'object',
      properties: { n: { type: 'integer' } },
      required,
      additionalProperties: false,
    });
    created(await api.post('/v1/event_types', { type: 'invoice.paid', schema: schema(['n']) }));
    await send(
      topic,
      { value: paid('no-n') },
      { value: paid('no-n-2') },
      { value: Buffer.from([0xff, 0xfe]) },
      { value: frame(999_999, Buffer.from('x')) },
      { value: null },
      { value: paid('good', { data: { n: 1 } }) },
    );
    await eventually(async () => expect(await letters(api)).toHaveLength(5), LONG);
    expect(await recorded(workspace)).toEqual([expect.objectContaining({ source: 'good', version: 1 })]);
    const wrong = (await letters(api, '?code=event_data_invalid')) as { id: string }[];
    expect(wrong).toHaveLength(2);
    const { body } = await api.get(`/v1/events/dead_letters/${wrong[1]!.id}`);
    expect(body).toMatchObject({
      topic,
      state: 'waiting',
      event: null,
      tries: 1,
      value: paid('no-n'),
      errors: [{ pointer: '/data/n', message: 'is missing' }],
    });
    const refused = await api.post(`/v1/events/dead_letters/${wrong[0]!.id}/redrive`);
    expect(refused.body).toMatchObject({ status: 'refused', code: 'event_data_invalid' });

    await api.post('/v1/event_types', { type: 'invoice.paid', schema: schema([]) });
    const range = await api.post('/v1/events/dead_letters/redrive', { code: 'event_data_invalid' });
    expect(range.body).toMatchObject({ recorded: 2, duplicates: 0, refused: 0, more: false });
    const again = await api.post(`/v1/events/dead_letters/${wrong[1]!.id}/redrive`);
    expect(again.body).toMatchObject({ status: 'duplicate', event: range.body.data[0].event });
    expect((await recorded(workspace)).map(({ source }) => source)).toEqual(['good', 'no-n', 'no-n-2']);
    expect(await letters(api, '?state=settled')).toHaveLength(2);
    expect((await letters(api, '?state=waiting')).map(({ code }) => code)).toEqual(Array(3).fill('undecodable'));

    const undecodable = { code: 'undecodable', limit: 2 };
    const first = (await api.post('/v1/events/dead_letters/redrive', undecodable)).body;
    expect(first).toMatchObject({ refused: 2, more: true, data: [expect.anything(), expect.anything()] });
    // What comes meanwhile is the next range's.
    await send(topic, { value: 'came meanwhile' });
    await eventually(async () => expect(await letters(api, '?code=undecodable')).toHaveLength(4), LONG);
    const rest = { ...undecodable, tried_before: first.tried_before };
    const second = (await api.post('/v1/events/dead_letters/redrive', rest)).body;
    expect(second).toMatchObject({ refused: 1, more: false, tried_before: first.tried_before });
    const tried = [...first.data, ...second.data].map(({ id }: { id: string }) => id);
    expect(new Set(tried).size).toBe(3);
    const { rows } = await db.query('select sealed from ingest.raw_dead_letters where workspace = $1', [
      workspace.slice(4),
    ]);
    for (const { sealed } of rows as { sealed: Buffer }[]) expect(sealed.includes('invoice')).toBe(false);
  }, 240_000);
});
