import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { type ApiClient, Journey } from './journey.js';

interface Step {
  method: string;
  path: string;
  /** What the answer's id is called from then on. */
  named: string | null;
  body: string;
  /** Event types in their order; null where the page names none. */
  events: string[];
  /** Whether others may follow. */
  atLeast: boolean;
}

const page = readFileSync(join(packageRoot, 'docs/capabilities.md'), 'utf8');

/** Each request of the page, with the line of events after it. */
function steps(): Step[] {
  return page
    .split('```http\n')
    .slice(1)
    .map((part) => {
      const [request, after] = part.split('\n```', 2) as [string, string];
      const [line, ...rest] = request.split('\n');
      const [method, path] = line!.split(' ') as [string, string];
      const named = /^# \{(\w+)\} is its id$/.exec(rest[0] ?? '')?.[1] ?? null;
      const told = /^\n*Events: (.*)/.exec(after)?.[1] ?? '';
      const [first, second] = told.split(/ at once| and /, 2) as [string, string | undefined];
      const events = [...first.matchAll(/`([a-z_.]+)`/g)].map((match) => match[1]!);
      return {
        method,
        path,
        named,
        body: rest.slice(named === null ? 0 : 1).join('\n'),
        events,
        atLeast: second !== undefined,
      };
    });
}

let journey: Journey;
let api: ApiClient;
let workspace: string;
let store: pg.Client;
const ids = new Map<string, string>();
let seen = 0;
/** Of the last write. */
let position: string | null = null;

beforeAll(async () => {
  journey = await Journey.begin();
  workspace = await journey.workspace();
  api = await journey.client(workspace);
  store = new pg.Client({ connectionString: journey.database.url });
  await store.connect();
  seen = (await newEvents()).length;
});
afterAll(async () => {
  await store.end();
  await journey.end();
});

/** The types of the workspace's events, in the order of commit. */
async function newEvents(): Promise<string[]> {
  const { rows } = await store.query<{ type: string }>(
    'select type from log.events where workspace = $1 order by position',
    [workspace.slice(4)],
  );
  return rows.map(({ type }) => type).slice(seen);
}

function filled(text: string): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => ids.get(name) ?? whole);
}

/** What the page looks for is there, once the texts have followed the log. */
async function finds(search: object): Promise<void> {
  const found = await api.post('/v1/conversations/search', { ...search, wait_for: position });
  expect(found.body.data.map(({ id }: { id: string }) => id)).toContain(ids.get('conversation'));
}

it('the page has requests, and each names things that it has made', () => {
  expect(steps().length).toBeGreaterThan(50);
});

it.each(steps().map((step, i) => [`${i + 1}: ${step.method} ${step.path}`, step] as const))('%s', async (_, step) => {
  const { method, path, named, body, events, atLeast } = step;
  const answer = await api.send(method, filled(path), body === '' ? undefined : JSON.parse(filled(body)));
  expect([answer.status < 300, answer.body]).toEqual([true, answer.body]);
  position = answer.headers.get('heddle-position') ?? position;
  if (path === '/v1/conversations/search') await finds(JSON.parse(filled(body)));
  if (named !== null) ids.set(named, answer.body.id);
  const written = await newEvents();
  seen += written.length;
  if (events.length === 0) {
    // A job of before may go on meanwhile.
    expect(written.filter((type) => !/^(job\.|conversation\.priority_changed$)/.test(type))).toEqual([]);
  } else {
    expect(atLeast ? written.slice(0, events.length) : written).toEqual(events);
  }
});
