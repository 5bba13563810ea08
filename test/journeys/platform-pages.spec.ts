import { AppModule } from '../../apps/heddle/app.module.js';
import { EVENT_GROUPS } from '../../libs/contract/generated/event-schemas.js';
import { commandOf } from '../../libs/platform/operations/command-line.js';
import { operationsOf } from '../../libs/platform/operations/handles.js';
import { conversationWith, created, Journey } from './journey.js';

let journey: Journey;
beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());

const page = async (path: string) => {
  const response = await fetch(journey.url + path);
  return { status: response.status, headers: response.headers, text: await response.text() };
};

it('needs no key for the pages of the installation', async () => {
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs', '/docs/problems']) {
    expect([path, (await page(path)).status]).toEqual([path, 200]);
  }
  expect((await page('/docs')).headers.get('content-security-policy')).toContain("default-src 'none'");
});

it('counts requests, events and what runs behind, for Prometheus', async () => {
  const cast = await journey.cast();
  created(await conversationWith(cast));
  const { text, headers } = await page('/metrics');
  expect(headers.get('content-type')).toContain('text/plain');
  expect(text).toMatch(/^heddle_[a-z_]+\{.*conversations\.create.*\} [1-9]/m);
  expect(text).toContain('process_resident_memory_bytes');
  for (const line of text.trim().split('\n')) {
    expect(line).toMatch(/^($|# (HELP|TYPE) |[a-z_:][a-z0-9_:]*(\{.*\})? -?[0-9.e+-]+|.* (NaN|\+Inf)$)/i);
  }
  expect(text).not.toMatch(/conv_|cus_|usr_/);
});

describe('every operation of the document', () => {
  it('is a route, and a command of the command line, and nothing else is', async () => {
    const { paths } = JSON.parse((await page('/openapi.json')).text) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => method !== 'parameters')
        .map(([method, { operationId }]) => ({ path, method: method.toUpperCase(), operationId })),
    );
    const declared = operationsOf(AppModule);
    expect(documented.map(({ operationId }) => operationId).sort()).toEqual(declared.map(({ name }) => name).sort());
    expect(documented.length).toBeGreaterThanOrEqual(25);
    // Without a key a route says 401; a path without a route 404, and a route of another method 405.
    for (const { path, method, operationId } of documented) {
      const response = await fetch(journey.url + path.replace('{id}', 'x'), { method });
      expect([operationId, response.status]).toEqual([operationId, 401]);
    }
    const words = declared.map((operation) => commandOf(operation).words.join(' '));
    expect(new Set(words).size).toBe(declared.length);
    expect(words).toContain('conversations assign');
  });
});

it('has a filter for every change of a conversation', () => {
  expect(EVENT_GROUPS['conversation.updated']).toEqual(
    expect.arrayContaining(['conversation.assigned', 'conversation.closed', 'conversation.reopened']),
  );
});
