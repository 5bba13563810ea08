import { createDecipheriv, randomUUID } from 'node:crypto';
import pg from 'pg';
import { EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { EventCodec } from '../../libs/platform/event-codec/event-codec.js';
import type { Sealed } from '../../libs/platform/event-codec/sealed-event.js';
import { newUuid } from '../../libs/platform/kernel/id.js';
import { KeyStore } from '../../libs/platform/keys/key-store.js';
import { until } from '../../libs/platform/testing/until.js';
import { ServiceProcess } from './apart/service-process.js';
import { ApiClient, conversationWith, created, Journey, messageTo, problem } from './journey.js';

const PATH = '/v1/data_keys/look_up';
const NAME = 'Ada Lovelace 🧶';

let journey: Journey;
let store: pg.Client;
let workspace: string;
let reader: ApiClient;
/** Of a customer who was just made. */
let customer: string;
let keyId: string;

beforeAll(async () => {
  journey = await Journey.begin();
  store = new pg.Client({ connectionString: journey.database.url });
  await store.connect();
  workspace = await journey.workspace();
  reader = await journey.client(workspace, ['keys:read']);
});
afterAll(async () => {
  await store.end();
  await journey.end();
});
beforeEach(async () => {
  const writer = await journey.client(workspace, ['customers:write']);
  customer = created(await writer.post('/v1/customers', { external_id: randomUUID(), name: NAME })).id;
  keyId = await keyOf(customer);
});

async function keyOf(subject: string): Promise<string> {
  const { rows } = await store.query<{ id: string }>('select id from keys.data_keys where subject = $1', [subject]);
  return rows[0]!.id.replaceAll('-', '');
}

const unknown = (id: string) => ({ id, state: 'unknown', subject: null, key: null, withheld: [] });

/** `5:hello,`: https://cr.yp.to/proto/netstrings.txt */
const netstring = (text: string) => `${Buffer.byteLength(text)}:${text},`;

it('gives a key that opens what is sealed on the log, as the answer says how', async () => {
  const { status, headers, body } = await reader.post(PATH, { ids: [keyId] });
  expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(body.data).toEqual([
    { id: keyId, state: 'available', subject: customer, key: expect.any(String), withheld: [] },
  ]);
  const { cipher, nonce_bytes, tag_bytes, additional_data } = body.sealing;

  const { rows } = await store.query<{ schema_fingerprint: Buffer; payload: Buffer }>(
    `select schema_fingerprint, payload from log.events where stream = $1 and type = 'customer.created'`,
    [customer.slice(4)],
  );
  const event = new EventCodec(EVENT_SCHEMAS).decode(rows[0]!.schema_fingerprint, rows[0]!.payload);
  const { key_id, ciphertext } = event.data.name as Sealed;
  expect(key_id.toString('hex')).toBe(keyId);
  const parts = { workspace, subject: customer, event_id: event.meta.id, field: 'name' };
  const additional = additional_data.map((part: keyof typeof parts) => netstring(parts[part])).join('');
  const key = Buffer.from(body.data[0].key, 'base64');
  const opening = createDecipheriv(cipher.toLowerCase(), key, ciphertext.subarray(0, nonce_bytes), {
    authTagLength: tag_bytes,
  } as object) as import('node:crypto').DecipherGCM;
  opening.setAAD(Buffer.from(additional));
  opening.setAuthTag(ciphertext.subarray(-tag_bytes));
  const plain = opening.update(ciphertext.subarray(nonce_bytes, -tag_bytes));
  opening.final();
  expect(plain.toString()).toBe(NAME);
});

it('answers each id at its place, also one that was asked for twice', async () => {
  const [first, last] = [newUuid(), newUuid()];
  const { body } = await reader.post(PATH, { ids: [first, keyId, last, keyId] });
  expect(body.data).toMatchObject([unknown(first), { id: keyId }, unknown(last), { id: keyId, state: 'available' }]);
});

describe('who may', () => {
  it.each([[['keys:read']], [['*', 'keys:read']]])('a key for %j', async (scopes) => {
    const { status } = await (await journey.client(workspace, scopes)).post(PATH, { ids: [keyId] });
    expect(status).toBe(200);
  });

  it.each([[['*']], [['admin:read', 'admin:write', 'events:read', 'customers:read']]])('not for %j', async (scopes) => {
    const answer = await (await journey.client(workspace, scopes)).post(PATH, { ids: [keyId] });
    expect(problem(answer)).toEqual({ status: 403, code: 'forbidden' });
    expect(answer.body.detail).toContain('keys:read');
  });

  it('nor the root key, nor nobody', async () => {
    expect(problem(await journey.root.post(PATH, { ids: [keyId] }))).toEqual({ status: 403, code: 'forbidden' });
    const nobody = new ApiClient(journey.url, null);
    expect(problem(await nobody.post(PATH, { ids: [keyId] }))).toEqual({ status: 401, code: 'unauthenticated' });
  });

  it('and a key that may read keys, and no more, reads no customer and no schema', async () => {
    expect((await reader.get('/v1/customers')).status).toBe(403);
    expect((await reader.get('/registry/subjects')).status).toBe(403);
  });
});

it("tells another workspace's key from one that never was by nothing", async () => {
  const stranger = await journey.client(await journey.workspace(), ['keys:read']);
  const never = newUuid();
  const { status, body } = await stranger.post(PATH, { ids: [keyId, never] });
  expect([status, body.data]).toEqual([200, [unknown(keyId), unknown(never)]]);
});

it('says at once that a key is destroyed, whichever process did it', async () => {
  expect((await reader.post(PATH, { ids: [keyId] })).body.data[0].state).toBe('available');
  await new KeyStore().destroy(store, workspace, customer);
  const destroyed = { id: keyId, state: 'destroyed', subject: customer, key: null, withheld: [] };
  expect((await reader.post(PATH, { ids: [keyId] })).body.data).toEqual([destroyed]);
});

it('has no key of a workspace that was erased', async () => {
  const other = await journey.workspace();
  const writer = await journey.client(other, ['customers:write', 'keys:read']);
  const somebody = created(await writer.post('/v1/customers', { external_id: 'x', name: NAME })).id;
  const id = await keyOf(somebody);
  await new KeyStore().destroyWorkspace(store, other);
  const destroyed = { id, state: 'destroyed', subject: somebody, key: null, withheld: [] };
  expect((await writer.post(PATH, { ids: [id] })).body.data).toEqual([destroyed]);
});

it.each([
  ['none', []],
  ['more than 1,000', Array.from({ length: 1001 }, () => newUuid())],
  ['with dashes', [randomUUID()]],
  ['in capitals', [newUuid().toUpperCase()]],
  ['not texts', [7]],
])('refuses ids that are %s', async (_what, ids) => {
  expect(problem(await reader.post(PATH, { ids }))).toEqual({ status: 400, code: 'invalid_request' });
});

it('takes 1,000 at once', async () => {
  const ids = Array.from({ length: 1000 }, () => newUuid());
  const { status, body } = await reader.post(PATH, { ids });
  expect([status, body.data]).toEqual([200, ids.map(unknown)]);
});

it('keeps nothing of its answers, whatever idempotency key is sent', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  for (let i = 0; i < 2; i++) {
    const answer = await reader.post(PATH, { ids: [keyId] }, { headers });
    expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([200, null]);
  }
  await new KeyStore().destroy(store, workspace, customer);
  expect((await reader.post(PATH, { ids: [keyId] }, { headers })).body.data[0].key).toBeNull();
  // One that was kept could not be used for another request.
  expect((await reader.post(PATH, { ids: [newUuid()] }, { headers })).status).toBe(200);
  const inBody = await reader.post(PATH, { ids: [keyId], idempotency_key: 'x' });
  expect(problem(inBody)).toEqual({ status: 400, code: 'invalid_request' });
});

it('writes into the log of the process who had how many, and no key', async () => {
  const server = await ServiceProcess.start('access', { ...journey.environment, HEDDLE_LOG_LEVEL: 'info' });
  try {
    const client = new ApiClient(server.url, reader.key);
    const headers = { 'x-request-id': 'the-one' };
    const { body } = await client.post(PATH, { ids: [keyId, newUuid()] }, { headers });
    const handedOut = () => server.logged().filter(({ operation }) => operation === 'data_keys.look_up');
    await until(() => handedOut().length > 0);
    const actor = expect.stringMatching(/^key_/);
    expect(handedOut()).toMatchObject([
      { msg: 'handed out', workspace, actor, requestId: 'the-one', available: 1, destroyed: 0, unknown: 1 },
    ]);
    const secret = Buffer.from(body.data[0].key, 'base64');
    for (const form of ['base64', 'hex', 'base64url'] as const) {
      expect(JSON.stringify(server.logged())).not.toContain(secret.toString(form));
    }
  } finally {
    await server.stop();
  }
}, 120_000);

it('names the events that the key opens and nobody is to read any more', async () => {
  const api = await journey.client(workspace);
  const author = { type: 'customer', id: customer };
  const { id } = created(await conversationWith({ api, customer }));
  const { id: message } = created(await messageTo(id, { api, customer }, 'My card'));
  const at = `/v1/conversations/${id}/messages/${message}`;
  await api.send('PATCH', at, { text: 'My card is' });
  await api.post(`${at}/react`, { author, emoji: '👍' });
  await api.post(`${at}/redact`);
  const { body } = await reader.post(PATH, { ids: [keyId] });
  expect(body.data[0].withheld).toEqual([`${id}/2`, `${id}/3`]);
});
