import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '../testing/test-certificates.js';
import { RegistryClient, RegistryRefusal, RegistryUnavailable, SchemaTooLarge } from './registry-client.js';

let server: Server;
let requests: { method: string; url: string; authorization: string | undefined }[];
let answers: (url: string) => { status: number; body: unknown };
let url: string;

beforeEach(async () => {
  requests = [];
  answers = () => ({ status: 200, body: { schema: '"string"' } });
  server = createServer((request, response) => {
    const { method, url, headers } = request as { method: string; url: string; headers: { authorization?: string } };
    requests.push({ method, url, authorization: headers.authorization });
    const { status, body } = answers(url);
    setTimeout(() => response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body)), 5);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const NOT_FOUND = { status: 404, body: { error_code: 40403, message: 'Schema not found' } };

it('asks once where fifty ask at once, and never again', async () => {
  const client = new RegistryClient({ url });
  const found = await Promise.all(Array.from({ length: 50 }, () => client.schema(7)));
  await client.schema(7);
  expect([new Set(found), requests.map((one) => one.url)]).toEqual([new Set(['"string"']), ['/schemas/ids/7']]);
});

it('asks for an id that is not known again after a while', async () => {
  const client = new RegistryClient({ url, unknownMs: 1000 });
  answers = () => NOT_FOUND;
  for (let i = 0; i < 5; i++) await expect(client.schema(7)).rejects.toMatchObject({ code: 40403 });
  expect(requests).toHaveLength(1);
  answers = () => ({ status: 200, body: { schema: '"int"' } });
  await new Promise((resolve) => setTimeout(resolve, 1050));
  expect(await client.schema(7)).toBe('"int"');
});

it('asks for a few at once, however many are asked for', async () => {
  const client = new RegistryClient({ url });
  let [open, most] = [0, 0];
  server.prependListener('request', (_, response) => {
    most = Math.max(most, ++open);
    response.on('close', () => open--);
  });
  answers = () => NOT_FOUND;
  const ids = Array.from({ length: 100 }, (_, i) => i + 1);
  const refused = await Promise.allSettled(ids.map((id) => client.schema(id)));
  expect(refused.every(({ status }) => status === 'rejected')).toBe(true);
  expect(most).toBeLessThanOrEqual(4);
  await Promise.allSettled(ids.map((id) => client.schema(id)));
  expect(requests).toHaveLength(100);
});

it('refuses a schema that is too large, and does not ask for it again at once', async () => {
  const client = new RegistryClient({ url });
  answers = () => ({ status: 200, body: { schema: 'x'.repeat(5 * 1024 * 1024) } });
  for (let i = 0; i < 2; i++) await expect(client.schema(7)).rejects.toThrow(SchemaTooLarge);
  expect(requests).toHaveLength(1);
});

it('asks again at once where the registry failed', async () => {
  const client = new RegistryClient({ url });
  for (const body of ['<html>', { error_code: 50001, message: 'x' }]) {
    answers = () => ({ status: 500, body });
    await expect(client.schema(7)).rejects.toThrow(RegistryUnavailable);
  }
  answers = () => ({ status: 200, body: 'no JSON' });
  await expect(client.schema(7)).rejects.toThrow(RegistryUnavailable);
  answers = () => ({ status: 200, body: { schema: '"int"' } });
  expect(await client.schema(7)).toBe('"int"');
});

it('serves what it knows while the registry is away', async () => {
  server.close();
  server.closeAllConnections();
  const client = new RegistryClient({ url, known: new Map([[7, '"long"']]) });
  expect(await client.schema(7)).toBe('"long"');
  await expect(client.schema(8)).rejects.toThrow(/^The registry at http:\/\/127\.0\.0\.1:\d+ cannot be reached: /);
});

it('does not wait for ever', async () => {
  const client = new RegistryClient({ url, answerWithin: 1 });
  await expect(client.schema(7)).rejects.toThrow(RegistryUnavailable);
});

it('sends the credentials, and not as a part of the address', async () => {
  const withKey = new URL(url);
  withKey.username = 'some one';
  withKey.password = 'se:cret/';
  await new RegistryClient({ url: `${withKey.href}base/` }).schema(1);
  await new RegistryClient({ url, auth: { username: '', password: 'key' } }).schema(1);
  await new RegistryClient({ url }).schema(1);
  expect(requests.map((one) => [one.url, one.authorization])).toEqual([
    ['/base/schemas/ids/1', `Basic ${btoa('some one:se:cret/')}`],
    ['/schemas/ids/1', `Basic ${btoa(':key')}`],
    ['/schemas/ids/1', undefined],
  ]);
  server.close();
  server.closeAllConnections();
  const away = await new RegistryClient({ url: withKey.href }).schema(1).catch((error: Error) => error.message);
  expect(away).not.toContain('cret');
});

it('knows what it registered, and passes a refusal on', async () => {
  const client = new RegistryClient({ url });
  answers = () => ({ status: 200, body: { id: 3 } });
  expect(await client.register('a/b', '"bytes"')).toBe(3);
  expect(await client.schema(3)).toBe('"bytes"');
  expect(requests.map((one) => one.url)).toEqual(['/subjects/a%2Fb/versions']);
  answers = () => ({ status: 409, body: { error_code: 409, message: 'Incompatible' } });
  const refusal = await client.register('a', '"bytes"').catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(RegistryRefusal);
  expect(refusal).toMatchObject({ code: 409, message: expect.stringContaining('Incompatible') });
});

it.each([409, 500])('says in one plain line what the registry said with %i', async (status) => {
  const client = new RegistryClient({ url });
  const message = `first\r\nsecond \u001b[31mred\u009b2J \u202edrow ${'long '.repeat(1000)}`;
  for (const body of [{ error_code: status, message }, message, { message: { of: message } }]) {
    answers = () => ({ status, body });
    const { message: said } = (await client.register('a', '"bytes"').catch((error: Error) => error as Error)) as Error;
    expect(said).toMatch(/^The registry answered \d+ to POST [ -~]+$/);
    expect(said.length).toBeLessThan(600);
  }
});

it('takes no answer that is none', async () => {
  const client = new RegistryClient({ url });
  for (const body of ['null', { schema: 7 }, {}]) {
    answers = () => ({ status: 200, body });
    await expect(client.schema(7)).rejects.toThrow(RegistryUnavailable);
  }
});

it('reads no answer without an end', async () => {
  const client = new RegistryClient({ url });
  answers = () => ({ status: 500, body: 'x'.repeat(5 * 1024 * 1024) });
  await expect(client.schema(7)).rejects.toThrow(/^The registry at .*: its answer has more than 4194304 bytes/);
  answers = () => ({ status: 200, body: { schema: 'x'.repeat(3 * 1024 * 1024) } });
  expect(await client.schema(7)).toHaveLength(3 * 1024 * 1024);
});

describe('a registry that speaks TLS', () => {
  let folder: string;
  let tls: TlsServer;
  let ours: TestAuthority;
  let base: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-registry-tls-'));
    ours = new TestAuthority(join(folder, 'ours'));
    const { cert, key } = ours.issue('registry', 'IP:127.0.0.1');
    tls = createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, (request, response) => {
      response.end(JSON.stringify({ schema: JSON.stringify(request.headers.authorization) }));
    });
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    base = `https://me:it%3As@127.0.0.1:${(tls.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    tls.closeAllConnections();
    tls.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is asked, with the name and password of its address', async () => {
    const client = new RegistryClient({ url: base, ca: readFileSync(ours.ca, 'utf8') });
    expect(JSON.parse(await client.schema(7))).toBe(`Basic ${Buffer.from('me:it:s').toString('base64')}`);
  });

  it('is not told the password where nobody that is trusted signed for it', async () => {
    const other = new TestAuthority(join(folder, 'other'));
    for (const ca of [readFileSync(other.ca, 'utf8'), undefined]) {
      const client = new RegistryClient({ url: base, ca });
      await expect(client.schema(7)).rejects.toThrow(/cannot be reached: .*certificate/);
    }
  });
});
