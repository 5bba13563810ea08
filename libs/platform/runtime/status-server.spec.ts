import { Gauge } from 'prom-client';
import { startStatusServer } from './status-server.js';

let trouble: string | null;
let server: { url: string; close(): Promise<void> };

beforeEach(async () => {
  trouble = null;
  server = await startStatusServer({
    host: '127.0.0.1',
    port: 0,
    trouble: () => trouble,
    register: (registry) => new Gauge({ name: 'planted', help: 'x', registers: [registry] }).set(7),
  });
});
afterEach(() => server.close());

const status = async (path: string) => (await fetch(server.url + path)).status;

test('is ready until there is a trouble, and alive all the same', async () => {
  expect([await status('/readyz'), await status('/healthz')]).toEqual([200, 200]);
  trouble = 'Kafka and the store tell different histories';
  const answer = await fetch(`${server.url}/readyz`);
  expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
    503,
    '1',
    { status: trouble },
  ]);
  expect(await status('/healthz')).toBe(200);
});

test('has figures of the process and of what it runs, and no other page', async () => {
  const figures = await (await fetch(`${server.url}/metrics`)).text();
  expect(figures).toMatch(/^planted 7$/m);
  expect(figures).toMatch(/^process_cpu_seconds_total /m);
  for (const path of ['/', '/v1/customers', '/openapi.json']) expect(await status(path)).toBe(404);
});
