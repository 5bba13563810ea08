import { PassThrough } from 'node:stream';
import { makeProgram } from '../../apps/cli/program.js';
import { AppModule } from '../../apps/heddle/app.module.js';
import { EVENT_GROUPS, EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { operationsOf } from '../../libs/platform/operations/handles.js';
import { conversationWith, created, Journey } from './journey.js';

let journey: Journey;
beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());

const page = async (path: string, url = journey.url) => {
  const response = await fetch(url + path);
  return { status: response.status, headers: response.headers, text: await response.text() };
};

it('needs no key for the pages of the installation', async () => {
  for (const path of ['/openapi.json', '/docs', '/docs/problems']) {
    expect([path, (await page(path)).status]).toEqual([path, 200]);
  }
  for (const url of journey.processesOf()) {
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect([url, path, (await page(path, url)).status]).toEqual([url, path, 200]);
    }
  }
  expect((await page('/docs')).headers.get('content-security-policy')).toContain("default-src 'none'");
});

it('leads from its address to the reference', async () => {
  const { status, headers } = await fetch(`${journey.url}/`, { redirect: 'manual' });
  expect([status, headers.get('location')]).toEqual([302, '/docs']);
  expect((await page('/')).text).toBe((await page('/docs')).text);
});

it('counts requests, events and what runs behind, for Prometheus', async () => {
  const cast = await journey.cast();
  created(await conversationWith(cast));
  const pages = await Promise.all(journey.processesOf('conversation').map((url) => page('/metrics', url)));
  for (const { text, headers } of pages) {
    expect(headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('process_resident_memory_bytes');
    for (const line of text.trim().split('\n')) {
      expect(line).toMatch(/^($|# (HELP|TYPE) |[a-z_:][a-z0-9_:]*(\{.*\})? -?[0-9.e+-]+|.* (NaN|\+Inf)$)/i);
    }
    expect(text).not.toMatch(/conv_|cus_|usr_/);
  }
  // By the one that was asked.
  const counted = pages.filter(({ text }) => /^heddle_[a-z_]+\{.*conversations\.create.*\} [1-9]/m.test(text));
  expect(counted).not.toEqual([]);
});

/** What the program calls the API with, by its words. */
function apiCommands(): string[] {
  const terminal = { out: new PassThrough(), err: new PassThrough(), columns: null, draws: false };
  return makeProgram(AppModule, '0.0.0', { env: {}, terminal })
    .commands.filter((command) => command.helpGroup() === 'Through the API:')
    .flatMap((group) =>
      group.commands.length === 0 ? [group.name()] : group.commands.map((verb) => `${group.name()} ${verb.name()}`),
    )
    .sort();
}

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
    // A WebSocket is a program's.
    const sockets = new Set(declared.filter(({ socket }) => socket).map(({ name }) => name));
    const commands = documented.filter(({ operationId }) => !sockets.has(operationId));
    const asked = commands.map(({ operationId }) => operationId.replace('.', ' ').replaceAll('_', '-'));
    // The only kind of import has no second word.
    expect(apiCommands()).toEqual(asked.map((words) => words.replace('import conversations', 'import')).sort());
  });
});

it('has a filter for every change of a conversation', () => {
  const types = new Set(EVENT_SCHEMAS.map(({ type }) => type));
  types.delete('conversation.created');
  const changes = [...types].filter((type) => type.startsWith('conversation.')).sort();
  expect(changes).toEqual([
    'conversation.assigned',
    'conversation.closed',
    'conversation.detail_changed',
    'conversation.field_cleared',
    'conversation.field_set',
    'conversation.forked',
    'conversation.labeled',
    'conversation.linked',
    'conversation.locked',
    'conversation.merged',
    'conversation.priority_changed',
    'conversation.reference_added',
    'conversation.reference_removed',
    'conversation.reopened',
    'conversation.snoozed',
    'conversation.team_assigned',
    'conversation.team_unassigned',
    'conversation.title_changed',
    'conversation.unassigned',
    'conversation.unlabeled',
    'conversation.unlinked',
    'conversation.unlocked',
    'conversation.unsnoozed',
  ]);
  expect([...EVENT_GROUPS['conversation.updated']!].sort()).toEqual(changes);
});
