import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { until } from '../../libs/platform/testing/until.js';
import { Journey, ROOT_KEY } from './journey.js';
import { newSubject, RegistryCaller, recordOf } from './registry-suite.js';

let journey: Journey;
let registry: RegistryCaller;
beforeAll(async () => {
  journey = await Journey.begin({ own: true });
  registry = new RegistryCaller({ url: `${journey.url}/registry`, auth: { username: '', password: ROOT_KEY } });
});
afterAll(() => journey.end());

const path = (subject: string) => `/registry/subjects/${subject}/versions`;
const schemaOf = (subject: string) => ({ schema: JSON.stringify(recordOf(subject, { name: 'a', type: 'string' })) });

async function status(authorization: string | undefined, method: string, subject = newSubject()): Promise<number> {
  const response = await fetch(journey.url + path(subject), {
    method,
    headers: authorization === undefined ? {} : { authorization },
    ...(method === 'POST' ? { body: JSON.stringify(schemaOf(subject)) } : {}),
  });
  const body = await response.json();
  if (!response.ok) expect(body).toEqual({ error_code: expect.any(Number), message: expect.any(String) });
  return response.status;
}

describe('keys', () => {
  const basic = (key: string) => `Basic ${btoa(`any:${key}`)}`;

  it('none, or a wrong one, is a 401 that asks for Basic', async () => {
    for (const header of [undefined, 'Bearer nonsense', basic('nonsense'), 'Basic ***', basic('')]) {
      expect([header, await status(header, 'GET')]).toEqual([header, 401]);
      expect([header, await status(header, 'POST')]).toEqual([header, 401]);
    }
    const { headers } = await fetch(`${journey.url}/registry/subjects`);
    expect(headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  it('the root key may do everything, as Bearer and as Basic', async () => {
    for (const header of [`Bearer ${ROOT_KEY}`, basic(ROOT_KEY)]) {
      const subject = newSubject();
      expect([await status(header, 'POST', subject), await status(header, 'GET', subject)]).toEqual([200, 200]);
    }
  });

  it("a workspace's key may do what its scopes say", async () => {
    const workspace = await journey.workspace();
    const subject = newSubject();
    await status(basic(ROOT_KEY), 'POST', subject);
    for (const [scope, read, write] of [
      ['*', 200, 403],
      ['admin:read', 200, 403],
      ['events:read', 200, 403],
      ['admin:write', 403, 403],
      ['keys:read', 403, 403],
      ['conversations:write', 403, 403],
    ] as const) {
      const { key } = await journey.client(workspace, [scope]);
      expect([scope, await status(basic(key!), 'GET', subject), await status(basic(key!), 'POST')]).toEqual([
        scope,
        read,
        write,
      ]);
    }
  });
});

it("a workspace's key changes nothing of what the others read with, nor has its own schemas compiled", async () => {
  const subject = newSubject();
  const version = { ...schemaOf(subject), id: 4242, version: 9 };
  await registry.post(`/subjects/${subject}/versions`, schemaOf(subject));
  const all = async () => [
    (await registry.get('/schemas?deleted=true')).body,
    (await registry.get('/config')).body,
    (await registry.get('/mode')).body,
  ];
  const before = await all();
  const { key } = await journey.client(await journey.workspace(), ['*', 'keys:read', 'admin:write', 'events:write']);
  const workspaces = new RegistryCaller({ url: `${journey.url}/registry`, auth: { username: '', password: key! } });
  for (const [method, to, body] of [
    ['POST', `/subjects/${subject}/versions`, version],
    ['POST', `/subjects/${subject}`, schemaOf(subject)],
    ['POST', `/compatibility/subjects/${subject}/versions`, schemaOf(subject)],
    ['POST', `/compatibility/subjects/${subject}/versions/latest`, schemaOf(subject)],
    ['DELETE', `/subjects/${subject}`, undefined],
    ['DELETE', `/subjects/${subject}?permanent=true`, undefined],
    ['DELETE', `/subjects/${subject}/versions/1`, undefined],
    ['PUT', '/config', { compatibility: 'NONE' }],
    ['PUT', `/config/${subject}`, { compatibility: 'NONE' }],
    ['DELETE', '/config', undefined],
    ['PUT', '/mode?force=true', { mode: 'IMPORT' }],
    ['PUT', `/mode/${subject}`, { mode: 'READONLY' }],
    ['DELETE', `/mode/${subject}`, undefined],
  ] as const) {
    const { status } = await workspaces.send(method, to, body);
    expect([method, to, status]).toEqual([method, to, 403]);
  }
  expect(await all()).toEqual(before);
});

it('is no part of the OpenAPI document', async () => {
  const response = await fetch(`${journey.url}/openapi.json`);
  const { paths } = (await response.json()) as { paths: object };
  expect(Object.keys(paths).filter((one) => one.includes('registry'))).toEqual([]);
});

it('has tables and a role of its own', async () => {
  const client = new pg.Client({ connectionString: journey.database.url });
  await client.connect();
  const as = async (role: string, sql: string) => {
    await client.query(`set role ${role}`);
    try {
      return (await client.query(sql)).rowCount;
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      await client.query('reset role');
    }
  };
  try {
    expect(await as('heddle_registry', 'select from registry.numbers')).toBe(1);
    expect(await as('heddle_registry', 'delete from registry.schemas')).toBe('42501');
    for (const table of ['log.events', 'keys.data_keys', 'conversation.messages']) {
      expect([table, await as('heddle_registry', `select from ${table}`)]).toEqual([table, '42501']);
    }
    for (const role of ['heddle_conversation', 'heddle_conversation_reader', 'heddle_access', 'heddle_log_writer']) {
      expect([role, await as(role, 'select from registry.schemas')]).toEqual([role, '42501']);
    }
  } finally {
    await client.end();
  }
});

describe('bad input is a fault of the client', () => {
  it('a body of more than 1 MiB', async () => {
    const body = { schema: JSON.stringify({ type: 'fixed', name: 'F', size: 1, doc: 'x'.repeat(2 ** 20) }) };
    expect(await registry.post(`/subjects/${newSubject()}/versions`, body)).toMatchObject({ status: 413 });
    expect((await registry.get('/subjects')).status).toBe(200);
  });

  it('bytes that are no UTF-8', async () => {
    const response = await fetch(journey.url + path(newSubject()), {
      method: 'POST',
      headers: { authorization: `Bearer ${ROOT_KEY}` },
      body: Buffer.concat([Buffer.from('{"schema":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    });
    expect(response.status).toBe(400);
  });

  it.each([
    ['a name of JavaScript', '{"type":"record","name":"R","fields":[{"name":"a","type":"constructor"}]}', 422],
    ['a type of JavaScript', '{"type":"toString"}', 422],
    [
      'a record named as one',
      '{"type":"record","name":"constructor","fields":[{"name":"__proto__","type":"int"}]}',
      200,
    ],
    ['a very deep one', `${'{"type":"array","items":'.repeat(5000)}"int"${'}'.repeat(5000)}`, 422],
    ['a deep attribute', `{"type":"fixed","name":"Deep","size":1,"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 422],
    ['a NUL in a text', '{"type":"fixed","name":"Nul","size":1,"doc":"\\u0000"}', 200],
    ['half a character', '{"type":"fixed","name":"Half","size":1,"doc":"\\ud800"}', 200],
    ['a default that is none', '{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]}', 422],
    [
      'a field twice',
      '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}',
      422,
    ],
    ['a union in a union', '["null",["int"]]', 422],
    ['a name twice', '[{"type":"fixed","name":"F","size":1},{"type":"fixed","name":"F","size":2}]', 422],
    [
      'a namespace of its own',
      '{"type":"record","name":"a.b.R","fields":[{"name":"f","type":{"type":"fixed","name":"F","namespace":"","size":1}},{"name":"g","type":".F"}]}',
      200,
    ],
  ])('%s', async (_what, schema, expected) => {
    const answer = await registry.post(`/subjects/${newSubject()}/versions`, { schema });
    expect([answer.body, answer.status]).toEqual([answer.body, expected]);
  });

  it('a type of schema that has no text', async () => {
    const body = { ...schemaOf('heddle.test.R'), schemaType: { toString: [] } };
    expect((await registry.post(`/subjects/${newSubject()}`, body)).status).toBe(422);
  });

  it('names that Postgres cannot keep', async () => {
    for (const subject of ['%00', '%0A', 'a%00b']) {
      expect((await registry.get(`/subjects/${subject}/versions`)).status).toBe(422);
    }
    expect((await registry.get('/subjects?subjectPrefix=%00')).status).toBe(422);
    for (const name of ['\0', '\ud800']) {
      const references = [{ name, subject: name, version: 1 }];
      const body = { ...schemaOf('heddle.test.R'), references };
      expect((await registry.post(`/subjects/${newSubject()}/versions`, body)).status).toBe(422);
    }
  });

  it('a subject may be long, and have a slash', async () => {
    const subject = encodeURIComponent(`a/b ${randomBytes(120).toString('hex')}`);
    expect((await registry.post(`/subjects/${subject}/versions`, schemaOf('heddle.test.R'))).status).toBe(200);
    expect((await registry.get(`/subjects/${subject}/versions`)).body).toEqual([1]);
  });

  it('whatever it is', async () => {
    const body = fc.oneof(
      fc.json(),
      fc.record(
        {
          schema: fc.oneof(fc.json(), fc.jsonValue()),
          schemaType: fc.jsonValue(),
          references: fc.oneof(
            fc.jsonValue(),
            fc.array(fc.record({ name: fc.string(), subject: fc.string(), version: fc.integer() })),
          ),
          id: fc.jsonValue(),
          version: fc.jsonValue(),
          compatibility: fc.jsonValue(),
          mode: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    );
    const route = fc.constantFrom(
      ['POST', '/subjects/x'],
      ['POST', '/subjects/x/versions'],
      ['POST', '/compatibility/subjects/x/versions/latest'],
      ['PUT', '/config/x'],
      ['PUT', '/mode/x'],
    );
    await fc.assert(
      fc.asyncProperty(route, body, async ([method, to], content) => {
        const answer = await registry.send(method!, to!, content);
        expect([content, answer.status < 500]).toEqual([content, true]);
      }),
      { numRuns: 150 },
    );
  });
});

it('says that the store is away, and goes on when it is back', async () => {
  const admin = new pg.Client({ connectionString: new URL('/postgres', journey.database.url).href });
  await admin.connect();
  const name = new URL(journey.database.url).pathname.slice(1);
  try {
    await admin.query(`alter database ${name} allow_connections false`);
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    const away = { status: 503, body: { error_code: 50003, message: expect.any(String) } };
    const subject = newSubject();
    await until(async () => (await registry.get('/subjects')).status === 503);
    expect(await registry.get('/subjects')).toMatchObject(away);
    expect(await registry.post(`/subjects/${subject}/versions`, schemaOf(subject))).toMatchObject(away);
    await admin.query(`alter database ${name} allow_connections true`);
    await until(async () => (await registry.post(`/subjects/${subject}/versions`, schemaOf(subject))).status === 200);
  } finally {
    await admin.query(`alter database ${name} allow_connections true`);
    await admin.end();
  }
});
