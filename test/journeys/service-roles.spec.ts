import pg from 'pg';
import { AppModule } from '../../apps/heddle/app.module.js';
import { domainsOf } from '../../libs/platform/runtime/domain-module.js';
import { eventually, until } from '../../libs/platform/testing/until.js';
import { aDeadLetter } from './a-dead-letter.js';
import { type Cast, conversationWith, created, Journey, messageTo } from './journey.js';
import { aWebhookDeadLetter } from './rows-of-webhooks.js';

const domains = domainsOf(AppModule);
const services = [...new Set(domains.map(({ service }) => service))];
const tables = domains.flatMap(({ service, projections }) =>
  projections.flatMap((projection) => projection.tables.map((table) => ({ service, table: `${service}.${table}` }))),
);

let journey: Journey;
let admin: pg.Client;
let ours: Cast;
let theirs: Cast;

beforeAll(async () => {
  journey = await Journey.begin();
  [ours, theirs] = await Promise.all([journey.cast(), journey.cast()]);
  for (const cast of [ours, theirs]) {
    const { id } = created(await conversationWith(cast));
    const { id: label_id } = created(await cast.api.post('/v1/labels', { name: 'Any' }));
    await cast.api.post(`/v1/conversations/${id}/label`, { label_id });
    created(await cast.api.post(`/v1/conversations/${id}/references`, { type: 'issue', external_id: 'LOOM-1' }));
    created(await cast.api.post('/v1/status_details', { status: 'closed', name: 'Any' }));
    const { id: team } = created(await cast.api.post('/v1/teams', { external_id: 'any', name: 'Any' }));
    await cast.api.post(`/v1/teams/${team}/add_member`, { member: { type: 'user', id: cast.user } });
    await cast.api.send('PATCH', `/v1/users/${cast.user}`, { skills: ['any'] });
    for (const object of ['conversation', 'customer']) {
      created(await cast.api.post('/v1/custom_fields', { object, key: 'any', kind: 'string', name: 'Any' }));
    }
    for (const path of [`/v1/conversations/${id}`, `/v1/customers/${cast.customer}`]) {
      await cast.api.send('PATCH', `${path}/fields`, { fields: { any: 'thing' } });
    }
    const author = { type: 'user', id: cast.user };
    const blocks = [{ type: 'quick_reply', id: 'yes', label: 'Yes' }];
    const path = `/v1/conversations/${id}/messages`;
    const { id: message } = created(await cast.api.post(path, { author, type: 'rich', blocks }));
    await cast.api.post(`${path}/${message}/react`, { author, emoji: '👍' });
    await cast.api.post(`${path}/${message}/receipts`, { receipt: { type: 'delivered' } });
    await cast.api.post(`${path}/${message}/choices`, { author, choices: [{ block_id: 'yes' }] });
    created(await cast.api.post(`/v1/conversations/${id}/drafts`, { author, text: 'x' }));
    await rowsOfCustomers(cast);
    const subject = { customer: { id: cast.customer } };
    created(await cast.api.post('/v1/event_types', { type: 'invoice.sent', schema: {} }));
    await aDeadLetter(journey.database.url, cast.workspace);
    created(await cast.api.post('/v1/events', { id: '1', type: 'invoice.paid', subject, data: {} }));
    await newcomer(cast);
    created(await messageTo(id, cast));
    created(await cast.api.post(`/v1/conversations/${id}/fork`, { at_seq: 1 }));
    created(await cast.api.post('/v1/views', { name: 'Any' }));
    const hook = { url: 'https://hooks.example.org/', types: ['*'] };
    const { id: endpoint } = created(await cast.api.post('/v1/webhook_endpoints', hook));
    await cast.api.post('/v1/webhook_replays', { endpoint_id: endpoint });
    await aWebhookDeadLetter(journey.database.url, cast.workspace, endpoint);
    const job = (await cast.api.post('/v1/conversations/bulk', { ids: [id], patch: { priority: 'low' } })).body.id;
    await until(async () => (await cast.api.get(`/v1/jobs/${job}`)).body.status === 'finished');
    // Rows are counted below: what follows the log is to have come to its end.
    const position = (await messageTo(id, cast)).headers.get('heddle-position');
    await eventually(async () => expect((await cast.api.get('/v1/events?order=desc&limit=1')).status).toBe(200));
    await cast.api.post('/v1/conversations/count', { wait_for: position });
    await cast.api.get(`/v1/analytics/conversations/${id}?wait_for=${position}`);
    await cast.api.get(`/v1/conversations/${id}/timeline?wait_for=${position}`);
  }
  admin = new pg.Client({ connectionString: journey.database.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await journey.end();
});

/** Something in every table about customers. */
async function rowsOfCustomers({ api, customer }: Cast): Promise<void> {
  const { id: company_id } = created(await api.post('/v1/companies', { external_id: 'any', name: 'Any' }));
  const { id: tenant_id } = created(await api.post('/v1/tenants', { external_id: 'any', name: 'Any' }));
  const { id } = created(await api.post('/v1/customers', { external_id: 'other', name: 'Other' }));
  await api.post(`/v1/customers/${customer}/join_company`, { company_id });
  await api.post(`/v1/customers/${customer}/join_tenant`, { tenant_id });
  const identity = { kind: 'email', value: 'any@example.org' };
  created(await api.post(`/v1/customers/${customer}/add_identity`, { identity }));
  await api.post(`/v1/customers/${id}/merge`, { into_id: customer });
  await api.send('PUT', '/v1/customer_rules', { placeholders: [{ channel: 'email', unknown: 'make' }] });
}

/** A customer who is told of before they are known. */
async function newcomer({ api }: Cast): Promise<void> {
  const subject = { customer: { external_id: 'newcomer' } };
  created(await api.post('/v1/events', { type: 'invoice.paid', subject, data: {} }));
  await eventually(async () => {
    expect((await api.get('/v1/customers?external_id=newcomer')).body.data).toHaveLength(1);
  });
}

/** Others may be at work on the same store. */
const inBoth = () => `workspace in ('${ours.workspace.slice(4)}', '${theirs.workspace.slice(4)}')`;

/** Rows, or why not, as a role that sees a workspace or none. */
async function as(role: string, sql: string, workspace?: string): Promise<number | string> {
  const client = new pg.Client({ connectionString: journey.database.url });
  await client.connect();
  try {
    await client.query(`set role ${role}`);
    if (workspace !== undefined) {
      await client.query("select set_config('heddle.workspace', $1, false)", [workspace.slice(4)]);
    }
    await client.query('begin');
    return (await client.query(sql)).rowCount!;
  } catch (error) {
    return (error as { code: string }).code;
  } finally {
    await client.end();
  }
}

const DENIED = '42501';

it('has something to see in every table: the checks below can fail', async () => {
  expect(services).toEqual(expect.arrayContaining(['access', 'conversation', 'analytics']));
  for (const { table } of tables) {
    for (const { workspace } of [ours, theirs]) {
      const find = `select from ${table} where workspace = $1 limit 1`;
      const found = async () => (await admin.query(find, [workspace.slice(4)])).rows.length === 1;
      // Those that follow the log come a little later.
      await until(found, 60_000, () => `a row of ${table}`);
    }
  }
});

describe.each(services)('the service %s', (service) => {
  const [role, reader] = [`heddle_${service}`, `heddle_${service}_reader`];

  it('reads and writes its own tables, of all workspaces', async () => {
    for (const { table } of tables.filter((one) => one.service === service)) {
      const { rowCount } = await admin.query(`select from ${table} where ${inBoth()}`);
      expect([table, await as(role, `select from ${table} where ${inBoth()}`)]).toEqual([table, rowCount]);
      const update = `update ${table} set workspace = workspace where ${inBoth()}`;
      expect([table, await as(role, update)]).toEqual([table, rowCount]);
    }
  });

  it('reads and writes no table of another', async () => {
    const others = tables.filter((one) => one.service !== service);
    expect(others.length).toBeGreaterThan(0);
    for (const { table } of others) {
      for (const name of [role, reader]) {
        for (const sql of [`select from ${table}`, `delete from ${table}`, `insert into ${table} default values`]) {
          expect([name, sql, await as(name, sql, ours.workspace)]).toEqual([name, sql, DENIED]);
        }
      }
    }
  });

  it('answers requests as a role that sees one workspace, none without one, and writes nothing', async () => {
    for (const { table } of tables.filter((one) => one.service === service)) {
      const of = async (workspace: string) =>
        (await admin.query(`select from ${table} where workspace = $1`, [workspace.slice(4)])).rowCount;
      for (const { workspace } of [ours, theirs]) {
        expect([table, await as(reader, `select from ${table}`, workspace)]).toEqual([table, await of(workspace)]);
      }
      expect([table, await as(reader, `select from ${table}`)]).toEqual([table, 0]);
      for (const sql of [`delete from ${table}`, `update ${table} set workspace = null`]) {
        expect([sql, await as(reader, sql, ours.workspace)]).toEqual([sql, DENIED]);
      }
    }
  });

  it('sees the log of one workspace in requests, and of all as a writer', async () => {
    for (const table of ['log.events', 'log.streams']) {
      const both = (await admin.query(`select from ${table} where ${inBoth()}`)).rowCount!;
      const own = (await admin.query(`select from ${table} where workspace = $1`, [ours.workspace.slice(4)])).rowCount!;
      expect(own).toBeGreaterThan(0);
      expect(both).toBeGreaterThan(own);
      expect(await as(role, `select from ${table} where ${inBoth()}`)).toBe(both);
      expect(await as(reader, `select from ${table}`, ours.workspace)).toBe(own);
      expect(await as(reader, `select from ${table}`)).toBe(0);
    }
  });

  it('cannot take back what happened', async () => {
    for (const name of [role, reader]) {
      for (const sql of [
        'delete from log.events',
        'truncate log.events',
        'delete from log.streams',
        'delete from log.claims',
        'update log.store set id = gen_random_uuid()',
        'delete from log.epochs',
      ]) {
        expect([name, sql, await as(name, sql)]).toEqual([name, sql, DENIED]);
      }
    }
  });

  it('answers requests as a role that can neither append nor see keys, claims and stored answers', async () => {
    for (const sql of [
      'select from keys.data_keys',
      'select from keys.workspace_keys',
      'select from log.idempotency',
      'select from log.claims',
      'insert into log.events default values',
      "update log.streams set state = ''",
    ]) {
      expect([sql, await as(reader, sql, ours.workspace)]).toEqual([sql, DENIED]);
    }
    const { rows } = await admin.query<{ may: boolean }>(
      "select has_function_privilege($1, p.oid, 'execute') as may from pg_proc p where proname = 'append' and pronamespace = 'log'::regnamespace",
      [reader],
    );
    expect(rows).toEqual([{ may: false }]);
  });
});
