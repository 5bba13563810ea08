import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { newId } from '../../../platform/kernel/id.js';
import type { Caller } from '../../../platform/operations/caller.js';
import type { Reply } from '../../../platform/operations/reply.js';
import { Runtime } from '../../../platform/runtime/runtime.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import { TestAuthority } from '../../../platform/testing/test-certificates.js';
import { createTestDatabase, type TestDatabase } from '../../../platform/testing/test-database.js';
import { AddressGuard } from '../sending/address-guard.js';
import { WebhooksModule } from '../webhooks.module.js';
import { EndpointController } from './endpoint.controller.js';
import { createEndpoint, rotateSecret, updateEndpoint } from './endpoint.operations.js';
import { EndpointQueries } from './endpoint.queries.js';
import { DEFAULT_SCHEDULE, type EndpointState } from './endpoint.state.js';
import { newSigningKeys, openSecrets, publicKeyOf } from './endpoint-secrets.js';

let database: TestDatabase;
let admin: pg.Client;
let runtime: Runtime;
let ports: ServicePorts;
let controller: EndpointController;
let workspace: string;
const logged: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'heddle-endpoints-'));

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  runtime = await Runtime.start({
    databaseUrl: database.url,
    module: WebhooksModule,
    log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }),
    kafka: null,
    traces: null,
  });
  ports = runtime.services.get('webhooks')!;
  controller = new EndpointController(ports, new AddressGuard({ networks: [], http: false }));
});
afterAll(async () => {
  await runtime.close();
  await admin.end();
  await database.drop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  workspace = newId('wsp');
});

const caller = (key: string | null = null): Caller => ({
  workspace,
  actor: { type: 'api_key', id: newId('key') },
  scopes: new Set(),
  idempotency: key === null ? null : { key, fingerprint: key },
  ifMatch: null,
  requestId: 'req_test',
  traceparent: null,
});
const input = <Body>(body: Body, id?: string) => ({ params: { id }, query: {}, body }) as never;
const bodyOf = ({ body }: Reply) => (typeof body === 'string' ? JSON.parse(body) : JSON.parse(JSON.stringify(body)));

type Sent = Record<string, unknown>;
const URL_ = 'https://hooks.example.org/a';
const create = (more: Sent = {}, key: string | null = null): Promise<Reply> =>
  controller.create(input(createEndpoint.body!.parse({ url: URL_, types: ['*'], ...more })), caller(key));
const made = async (more: Sent = {}) =>
  bodyOf(await create(more)) as { id: string; secret: string; public_key: string };
const patch = (id: string, body: Sent): Promise<Reply> =>
  controller.update(input(updateEndpoint.body!.parse(body), id), caller());
const rotate = (id: string, body: Sent = {}, key: string | null = null): Promise<Reply> =>
  controller.rotateSecret(input(rotateSecret.body!.parse(body), id), caller(key));
const shown = async (id: string) => bodyOf(await controller.get(input({}, id), caller()));
const secretOf = async (id: string) => bodyOf(await controller.secret(input({}, id), caller()));
const listed = async (query: Sent = {}) =>
  bodyOf(await controller.list({ params: {}, query: { limit: 50, ...query }, body: null } as never, caller())).data;
const typesOf = async (id: string): Promise<string[]> => {
  const { rows } = await admin.query('select type from log.events where stream = $1 order by seq', [id.slice(4)]);
  return rows.map(({ type }) => type.replace('webhook_endpoint.', ''));
};

/** As delivery has it. */
async function open(id: string) {
  const { rows } = await admin.query('select state from log.streams where stream = $1', [id.slice(4)]);
  const state = JSON.parse(rows[0].state) as EndpointState;
  const key = await ports.writing.keys.workspaceKey(ports.installation, workspace);
  return { state, ...openSecrets(key, id, state.sealed) };
}

function certificate(name: string) {
  const { cert, key } = new TestAuthority(join(folder, name)).issue(name, 'DNS:localhost');
  return { certificate: readFileSync(cert, 'utf8'), private_key: readFileSync(key, 'utf8') };
}

it('is made with what is usual, and shown without its secrets', async () => {
  const { id, secret, public_key } = await made();
  const { created_at, updated_at, ...rest } = await shown(id);
  expect(created_at).toBe(updated_at);
  expect(rest).toEqual({
    id,
    url: URL_,
    description: null,
    enabled: true,
    disabled_reason: null,
    types: ['*'],
    filter: null,
    pin: '',
    ordered: false,
    concurrency: 10,
    rate_limit: null,
    retry_schedule: DEFAULT_SCHEDULE,
    signatures: ['v1'],
    body_signature_header: null,
    header_names: [],
    client_certificate_sha256: null,
    previous_secret_until: null,
    failing_since: null,
  });
  expect(await secretOf(id)).toEqual({ id, secret, public_key, previous_secret_until: null });
  const opened = await open(id);
  expect([opened.secret, publicKeyOf(opened.ed25519)]).toEqual([secret, public_key]);
});

it('has what its maker says', async () => {
  const given = certificate('first');
  const said = {
    description: 'The shop',
    types: ['message.*', 'conversation.updated', 'message.*'],
    filter: { field: 'channel', op: 'is', value: 'chat' },
    pin: 'message.created@1.0',
    ordered: true,
    concurrency: 3,
    rate_limit: 50,
    retry_schedule: [1, 604_800],
    signatures: ['v1', 'v1a'],
    body_signature_header: 'X-Signature',
  };
  const { id, secret } = await made({
    ...said,
    headers: { 'X-Shop': 'loom', Authorization: 'Bearer abc' },
    client_certificate: given,
    secret: `whsec_${Buffer.alloc(24, 1).toString('base64')}`,
  });
  expect(await shown(id)).toMatchObject({
    ...said,
    types: ['message.*', 'conversation.updated'],
    header_names: ['X-Shop', 'Authorization'],
    client_certificate_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(await open(id)).toMatchObject({
    secret,
    headers: [
      ['X-Shop', 'loom'],
      ['Authorization', 'Bearer abc'],
    ],
    clientCertificate: { cert: given.certificate, key: given.private_key },
  });
});

it.each<[Sent, string]>([
  [{ types: ['message.created', 'mesage.*'] }, '/body/types/1'],
  [{ pin: 'message.created@9.9' }, '/body/pin'],
  [{ url: 'http://hooks.example.org/' }, '/body/url'],
  [{ url: 'https://10.0.0.1/' }, '/body/url'],
  [{ client_certificate: { certificate: 'x', private_key: 'y' } }, '/body/client_certificate'],
  [{ headers: { Host: 'v' } }, '/body/headers'],
  [{ body_signature_header: 'Webhook-Signature' }, '/body/body_signature_header'],
  [{ headers: { 'x-signature': 'v' }, body_signature_header: 'X-Signature' }, '/body/body_signature_header'],
])('%j is refused at its place, when it is made and when it is changed', async (wrong, pointer) => {
  const refused = { code: 'invalid_value', more: { errors: [{ pointer, message: expect.any(String) }] } };
  await expect(create(wrong)).rejects.toMatchObject(refused);
  const { id } = await made();
  await expect(patch(id, wrong)).rejects.toMatchObject(refused);
  expect(await typesOf(id)).toEqual(['created']);
});

it('is patched, headers by their names, and what stays the same makes no event', async () => {
  const { id, secret, public_key } = await made({ headers: { 'X-A': '1', 'X-B': '2' } });
  await patch(id, { url: URL_, types: ['*'], headers: { 'X-A': '1' }, client_certificate: null, rate_limit: null });
  expect(await typesOf(id)).toEqual(['created']);
  const given = certificate('second');
  await patch(id, { headers: { 'x-a': null, 'X-C': '3' }, client_certificate: given, rate_limit: 7 });
  const changes = ['limits_changed', 'headers_changed', 'client_certificate_changed'];
  expect(await typesOf(id)).toEqual(['created', ...changes]);
  const both = [
    ['X-B', '2'],
    ['X-C', '3'],
  ];
  expect(await open(id)).toMatchObject({ headers: both, clientCertificate: { key: given.private_key }, secret });
  expect(await secretOf(id)).toMatchObject({ secret, public_key });
  await patch(id, { client_certificate: null });
  expect(await open(id)).toMatchObject({ headers: both, clientCertificate: null });
  await patch(id, { headers: null });
  expect(await shown(id)).toMatchObject({ header_names: [], client_certificate_sha256: null, rate_limit: 7 });
});

it('does not get a header that has its signature, nor more than twenty', async () => {
  const { id } = await made({ headers: { 'X-A': '1' }, body_signature_header: 'X-Signature' });
  await expect(patch(id, { headers: { 'x-signature': 'v' } })).rejects.toMatchObject({ code: 'invalid_value' });
  await expect(patch(id, { body_signature_header: 'x-a' })).rejects.toMatchObject({ code: 'invalid_value' });
  await patch(id, { headers: { 'X-A': null }, body_signature_header: 'x-a' });
  const twenty = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`X-N${i}`, 'v']));
  await patch(id, { headers: twenty });
  await expect(patch(id, { headers: { 'X-B': '1' } })).rejects.toMatchObject({ code: 'invalid_value' });
});

it('has its secret rotated, and keeps the one before for so long as they overlap', async () => {
  const { id, secret, public_key } = await made({ headers: { 'X-A': '1' } });
  const before = Date.now();
  const rotated = bodyOf(await rotate(id, { overlap_seconds: 60 }));
  expect([rotated.secret === secret, rotated.public_key === public_key]).toEqual([false, false]);
  const until = Date.parse(rotated.previous_secret_until);
  expect(until).toBeGreaterThanOrEqual(before + 60_000);
  expect(until).toBeLessThan(Date.now() + 61_000);
  expect(await secretOf(id)).toEqual(rotated);
  const { state, ...now } = await open(id);
  expect([now.secret, now.headers]).toEqual([rotated.secret, [['X-A', '1']]]);
  const key = await ports.writing.keys.workspaceKey(ports.installation, workspace);
  expect([openSecrets(key, id, state.previous!.sealed).secret, state.previous!.until]).toEqual([secret, until]);
  const own = newSigningKeys().secret;
  const again = bodyOf(await rotate(id, { overlap_seconds: 0, secret: own }));
  expect([again.secret, again.previous_secret_until]).toEqual([own, null]);
  expect((await open(id)).state.previous).toBeNull();
});

it('makes changes of its secrets that come at the same moment one after the other', async () => {
  const { id } = await made({ headers: { 'X-A': '1' } });
  const rotations = Array.from({ length: 4 }, () => rotate(id));
  const patches = ['X-B', 'X-C', 'X-D', 'X-E'].map((name) => patch(id, { headers: { [name]: '2' } }));
  const outcomes = await Promise.all([...rotations, ...patches]);
  expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 200));
  const { secret, headers } = await open(id);
  expect((await Promise.all(rotations)).map((reply) => bodyOf(reply).secret)).toContain(secret);
  expect(headers.map(([name]) => name).sort()).toEqual(['X-A', 'X-B', 'X-C', 'X-D', 'X-E']);
  const events = (await typesOf(id)).sort();
  expect(events).toEqual(['created', ...Array(4).fill('headers_changed'), ...Array(4).fill('secret_rotated')]);
});

it('is disabled, enabled and deleted; then nobody finds it, and its stream stays', async () => {
  const [{ id }, other] = [await made(), await made()];
  await controller.disable(input({}, id), caller());
  expect(await shown(id)).toMatchObject({ enabled: false, disabled_reason: 'request' });
  const idsOf = async (query: Sent) => (await listed(query)).map((one: { id: string }) => one.id);
  expect([await idsOf({ enabled: 'false' }), await idsOf({ enabled: 'true' })]).toEqual([[id], [other.id]]);
  await controller.enable(input({}, id), caller());
  expect(await idsOf({})).toEqual([other.id, id]);
  await controller.delete(input({}, id), caller());
  expect(await idsOf({})).toEqual([other.id]);
  const reads = [() => shown(id), () => secretOf(id), () => rotate(id), () => patch(id, { headers: { 'X-A': '1' } })];
  for (const read of reads) await expect(read()).rejects.toMatchObject({ code: 'not_found' });
  const changes = [controller.enable(input({}, id), caller()), patch(id, { rate_limit: 1 })];
  for (const change of changes) expect(bodyOf(await change)).toMatchObject({ code: 'not_found' });
  expect(await typesOf(id)).toEqual(['created', 'disabled', 'enabled', 'deleted']);
});

it('is counted, but for those that are deleted', async () => {
  const queries = new EndpointQueries(ports.reads);
  expect(await queries.count(workspace)).toBe(0);
  const { id } = await made();
  await made();
  expect(await queries.count(workspace)).toBe(2);
  await controller.delete(input({}, id), caller());
  expect(await queries.count(workspace)).toBe(1);
});

it('is answered again with the same secret under the same key, and is none of another workspace', async () => {
  const [first, again] = [bodyOf(await create({}, 'a key')), bodyOf(await create({}, 'a key'))];
  expect(again).toEqual(first);
  const rotated = bodyOf(await rotate(first.id, {}, 'another key'));
  expect(bodyOf(await rotate(first.id, {}, 'another key'))).toEqual(rotated);
  workspace = newId('wsp');
  for (const read of [() => shown(first.id), () => secretOf(first.id)]) {
    await expect(read()).rejects.toMatchObject({ code: 'not_found' });
  }
  expect(await listed()).toEqual([]);
});

it('leaves no secret in any table of the database, nor in the log of the process', async () => {
  const canary = () => randomBytes(12).toString('hex');
  const [first, second, third] = [canary(), canary(), canary()];
  const given = certificate('third');
  const [one, two] = [newSigningKeys().secret, newSigningKeys().secret];
  const { id } = bodyOf(
    await create({ headers: { 'X-Token': first }, client_certificate: given, secret: one }, canary()),
  );
  await patch(id, { headers: { 'X-Token': second, 'X-Other': third } });
  await rotate(id, { secret: two }, canary());
  const { ed25519, secret } = await open(id);
  expect(secret).toBe(two);
  const der = ed25519.export({ format: 'der', type: 'pkcs8' });
  const texts = [first, second, third, one, two, given.private_key.split('\n')[1]!];
  // A key's own bytes are the last 32.
  const raw = [der.subarray(-32), Buffer.from(one.slice(6), 'base64'), Buffer.from(two.slice(6), 'base64')];
  const secrets = [...texts.map((text) => Buffer.from(text)), ...raw];
  const { rows: tables } = await admin.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
  );
  expect(tables.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['log.events', 'log.streams', 'log.idempotency', 'webhooks.webhook_endpoints']),
  );
  const [found, known] = [new Set<string>(), new Set<string>()];
  for (const { name } of tables) {
    const { rows } = await admin.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
    for (const bytes of rows.flatMap(({ row }) => unpacked(Buffer.from(row)))) {
      if (secrets.some((secret) => bytes.includes(secret))) found.add(name);
      // No secret, so that what is looked for could be found.
      if (bytes.includes('X-Other')) known.add(name);
    }
  }
  expect([...known].sort()).toEqual(['log.events', 'webhooks.webhook_endpoints']);
  expect([...found]).toEqual([]);
  expect(unpacked(Buffer.from(logged.join(''))).filter((bytes) => secrets.some((one) => bytes.includes(one)))).toEqual(
    [],
  );
});

/** Bytes, and what stands in them as hex or as base64, however deep. */
function unpacked(bytes: Buffer): Buffer[] {
  const text = bytes.toString('latin1');
  const hex = text.match(/(?:[0-9a-f]{2}){12,}/g) ?? [];
  const base64 = text.match(/[A-Za-z0-9+/]{16,}/g) ?? [];
  const inside = [...hex.map((run) => Buffer.from(run, 'hex')), ...base64.map((run) => Buffer.from(run, 'base64'))];
  return [bytes, ...inside.flatMap(unpacked)];
}
