import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { TestAuthority } from '../../platform/testing/test-certificates.js';
import { until } from '../../platform/testing/until.js';
import { bodyOf, Scene } from './scene.fixture.js';

const trusted = getCACertificates('default');
const text = (path: string) => readFileSync(path, 'utf8');

let folder: string;
let authority: TestAuthority;
let scene: Scene;
let receiver: { url: string; taken: { event: string; by: string }[]; close: () => Promise<void> };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heddle-client-certificates-'));
  authority = new TestAuthority(join(folder, 'authority'));
  setDefaultCACertificates([...trusted, text(authority.ca)]);
});
afterAll(() => {
  setDefaultCACertificates(trusted);
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  [scene, receiver] = await Promise.all([Scene.begin(), askingReceiver()]);
});
afterEach(async () => {
  await scene.end();
  await receiver.close();
});

/** It takes whatever comes over connections whose certificate its own authority has issued, and lets in no others. */
async function askingReceiver(): Promise<typeof receiver> {
  const { cert, key } = authority.issue('receiver', 'IP:127.0.0.1');
  const asks = { ca: text(authority.ca), requestCert: true, rejectUnauthorized: true };
  const taken: { event: string; by: string }[] = [];
  const server = createServer({ cert: text(cert), key: text(key), ...asks }, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    taken.push({ event: String(request.headers['webhook-id']), by: String(subject.CN) });
    request.resume().on('end', () => response.writeHead(204).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, taken, close };
}

/** As a request has it. */
function certificateOf(name: string, by = authority) {
  const { cert, key } = by.issue(name, `DNS:${name}`);
  return { certificate: text(cert), private_key: text(key) };
}

const endpoint = (settings: object) =>
  scene.endpoint({ url: receiver.url, retry_schedule: Array(50).fill(1), ...settings });
const change = (id: string, body: object) =>
  scene.process.endpoints.update({ params: { id }, query: {}, body } as never, scene.caller());
const shown = async (id: string) =>
  bodyOf(await scene.process.endpoints.get({ params: { id }, query: {}, body: null } as never, scene.caller()));

/** What became of the attempts of an endpoint, each once. */
async function attempts(id: string): Promise<{ taken: boolean; status: number | null; error: string | null }[]> {
  const { rows } = await scene.ports.installation.query<Awaited<ReturnType<typeof attempts>>[number]>({
    text: 'select distinct taken, status, error from webhooks.attempts where endpoint = $1::uuid',
    values: [id.slice(4)],
  });
  return rows;
}

it('an endpoint shows its certificate to a receiver that lets in nobody else, and another one once it has that', async () => {
  const first = certificateOf('shop-one');
  const id = await endpoint({ client_certificate: first });
  const sha256 = new X509Certificate(first.certificate).fingerprint256.replaceAll(':', '').toLowerCase();
  expect((await shown(id)).client_certificate_sha256).toBe(sha256);
  await scene.label();
  await until(() => receiver.taken.length === 1);
  await change(id, { client_certificate: certificateOf('shop-two') });
  await scene.label();
  await until(() => receiver.taken.length === 2);
  expect(receiver.taken.map(({ by }) => by)).toEqual(['shop-one', 'shop-two']);
  await until(async () => (await scene.rows('attempts', id)) === 2);
  expect(await attempts(id)).toEqual([{ taken: true, status: 204, error: null }]);
});

it.each<[string, string, () => object | null]>([
  ['no certificate', 'tls_failed', () => null],
  // The receiver looks at it after a handshake by TLS 1.3, and hangs up without a word.
  ['one of another authority', 'reset', () => certificateOf('stranger', new TestAuthority(join(folder, 'another')))],
])(
  'an endpoint with %s is not let in, and what it was yet to have comes once it has the right one',
  async (_, error, own) => {
    const id = await endpoint({ client_certificate: own() });
    await scene.label();
    await until(async () => (await scene.rows('attempts', id)) > 0);
    expect(await attempts(id)).toEqual([{ taken: false, status: null, error }]);
    expect(receiver.taken).toEqual([]);
    await change(id, { client_certificate: certificateOf('shop-three') });
    await until(() => receiver.taken.length === 1);
    await until(async () => (await scene.rows('waiting', id)) === 0);
    expect(receiver.taken.map(({ by }) => by)).toEqual(['shop-three']);
  },
);
