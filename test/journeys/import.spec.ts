import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { until } from '../../libs/platform/testing/until.js';
import { heddle } from './command-line.js';
import { type ApiClient, Journey, problem, ROOT_KEY } from './journey.js';

interface Line {
  organization?: string;
  conversation: string;
  channel: string;
  customer: string;
  messages: {
    id: string;
    at: string;
    author: { type: string; id: string };
    text: string;
    resolves?: boolean;
    article?: string;
  }[];
}

let journey: Journey;
beforeEach(async () => {
  journey = await Journey.begin();
});
afterEach(() => journey.end());

const NDJSON = { 'content-type': 'application/x-ndjson' };
const ndjson = (lines: readonly unknown[]) =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');

/** The refused lines and the counts. */
async function bringIn(api: ApiClient, raw: string, query = '') {
  const answer = await api.post(`/v1/import${query}`, {}, { raw, headers: NDJSON });
  const lines = answer.status === 200 ? (answer.body as string).trim().split('\n') : [];
  const parsed = lines.map((line) => JSON.parse(line));
  return { answer, refused: parsed.slice(0, -1), counts: parsed.at(-1) };
}

/** By the command line, a workspace an organization: the refused lines as it tells them, and the counts. */
async function bringInByOrganization(raw: string) {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-import-'));
  const file = join(folder, 'lines.ndjson');
  writeFileSync(file, raw);
  const args = ['import', file, '--workspace-from', 'organization'];
  const { status, out, err } = await heddle(args, { HEDDLE_URL: journey.url, HEDDLE_API_KEY: ROOT_KEY });
  rmSync(folder, { recursive: true });
  return { status, counts: JSON.parse(out), err };
}

/** The same organizations again would be known: others may have brought them in here. */
function ofNewOrganizations(lines: readonly Line[]): Line[] {
  const run = randomUUID().slice(0, 8);
  return lines.map((line) => ({ ...line, organization: `${line.organization} ${run}` }));
}

async function clientsOf(lines: readonly Line[]): Promise<Map<string, ApiClient>> {
  const clients = new Map<string, ApiClient>();
  for (const organization of new Set(lines.map((line) => line.organization!))) {
    const query = new URLSearchParams({ external_id: organization });
    const { data } = (await journey.root.get(`/v1/workspaces?${query}`)).body;
    expect(data).toMatchObject([{ name: organization, external_id: organization }]);
    clients.set(organization, await journey.client(data[0].id));
  }
  return clients;
}

/** Conversations of two organizations; every third one is resolved, every sixth written to again after that. */
function conversations(count: number): Line[] {
  return Array.from({ length: count }, (_, n) => {
    const at = (minute: number) => new Date(Date.UTC(2020, 3, 1, n, minute)).toISOString();
    const customer = { type: 'customer', id: `customer ${n % 7}` };
    const agent = { type: 'agent', id: `agent ${n % 2}` };
    const messages: Line['messages'] = [
      { id: 'm1', at: at(0), author: customer, text: `Hello ${n} 🧵` },
      { id: 'm2', at: at(5), author: agent, text: 'Have you tried?' },
    ];
    if (n % 3 === 0)
      messages.push({ id: 'm3', at: at(6), author: agent, text: 'Done', resolves: true, article: 'kb-1' });
    if (n % 6 === 0) messages.push({ id: 'm4', at: at(9), author: customer, text: 'Not at all' });
    return { organization: `Org ${n % 2}`, conversation: `c ${n}`, channel: 'email', customer: customer.id, messages };
  });
}

it('brings conversations in, a workspace an organization, and adds nothing the second time', async () => {
  const lines = ofNewOrganizations(conversations(24));
  const messages = lines.reduce((sum, line) => sum + line.messages.length, 0);
  const first = await bringInByOrganization(ndjson(lines));
  const counts = { read: 24, created: 24, skipped: 0, refused: 0, messages };
  expect(first).toEqual({ status: 0, counts, err: '' });
  const again = await bringInByOrganization(ndjson(lines));
  expect(again.counts).toEqual({ read: 24, created: 0, skipped: 24, refused: 0, messages: 0 });

  for (const [name, api] of await clientsOf(lines)) {
    const own = lines.filter(({ organization }) => organization === name);
    const { data } = (await api.get('/v1/conversations?limit=1000')).body;
    expect(data).toHaveLength(own.length);
    for (const line of own) await compare(api, line);
  }
}, 120_000);

it('refuses lines by their numbers in the file, whosever they are, and makes no workspace for them', async () => {
  const [one, other] = ofNewOrganizations(conversations(2));
  const { organization: _, ...nobodys } = one!;
  const unmade = `Unmade ${randomUUID()}`;
  const bad = [nobodys, '{', { ...one, organization: unmade, channel: 'E Mail' }];
  const { status, counts, err } = await bringInByOrganization(ndjson([one, '', bad[0], other, bad[1], bad[2]]));
  expect([status, counts]).toEqual([1, { read: 5, created: 2, skipped: 0, refused: 3, messages: 6 }]);
  expect(err.trim().split('\n')).toEqual([
    'line 3: invalid_request: /organization is missing, and was to name the workspace.',
    'line 5: malformed_request: The line is not JSON.',
    expect.stringMatching(/^line 6: invalid_request: \/channel: /),
  ]);
  const query = new URLSearchParams({ external_id: unmade });
  expect((await journey.root.get(`/v1/workspaces?${query}`)).body.data).toEqual([]);
}, 120_000);

/** What the API says of a conversation against the line that it came from. */
async function compare(api: ApiClient, line: Line): Promise<void> {
  const externalId = encodeURIComponent(line.conversation);
  const { data: found } = (await api.get(`/v1/conversations?external_id=${externalId}`)).body;
  expect(found).toHaveLength(1);
  const { data: events } = (await api.get(`/v1/conversations/${found[0].id}/events?limit=1000`)).body;
  const { data: messages } = (await api.get(`/v1/conversations/${found[0].id}/messages?limit=1000`)).body;
  const customer = (await api.get(`/v1/customers/${found[0].customer_id}`)).body;
  expect(customer.external_id).toBe(line.customer);
  expect(messages.map((m: { external_id: string }) => m.external_id)).toEqual(line.messages.map(({ id }) => id));
  expect(messages.map((m: { text: string }) => m.text)).toEqual(line.messages.map(({ text }) => text));
  expect(messages.map((m: { occurred_at: string }) => m.occurred_at)).toEqual(line.messages.map(({ at }) => at));
  expect(messages.map((m: { author: { type: string } }) => m.author.type)).toEqual(
    line.messages.map(({ author }) => (author.type === 'agent' ? 'user' : 'customer')),
  );
  // What the line says happened, in its order: seq follows it.
  const story: [string, string][] = [['conversation.created', line.messages[0]!.at]];
  let open = true;
  for (const { at, author, resolves } of line.messages) {
    story.push(['message.created', at]);
    if (!open && author.type === 'customer') {
      story.push(['conversation.reopened', at]);
      open = true;
    }
    if (resolves && open) {
      story.push(['conversation.closed', at]);
      open = false;
    }
  }
  expect(events.map((e: { type: string; occurred_at: string }) => [e.type, e.occurred_at])).toEqual(story);
  expect(events.map((e: { seq: number }) => e.seq)).toEqual(story.map((_, i) => i + 1));
  expect(found[0].status).toBe(open ? 'open' : 'closed');
  const resolved = line.messages.find(({ resolves }) => resolves);
  const closed = events.find((e: { type: string }) => e.type === 'conversation.closed');
  expect(closed?.data.article ?? null).toBe(resolved?.article ?? null);
}

it('refuses single lines with their numbers and codes, and brings in the others', async () => {
  const [good] = conversations(1);
  const { organization: _, ...plain } = good!;
  const workspace = await journey.workspace();
  const api = await journey.client(workspace);
  const bad: [unknown, string][] = [
    ['{', 'malformed_request'],
    ['[]', 'invalid_request'],
    [{ ...plain, conversation: 'x', nick: 1 }, 'invalid_request'],
    [{ ...plain, conversation: 'x', messages: [] }, 'invalid_request'],
    [{ ...plain, conversation: 'x', channel: 'E Mail' }, 'invalid_request'],
    [{ ...plain, conversation: 'x', messages: [{ ...plain.messages[0], mood: 'bad' }] }, 'invalid_request'],
    [{ ...plain, conversation: 'x', messages: [{ ...plain.messages[0], at: 'yesterday' }] }, 'invalid_request'],
    [{ ...plain, conversation: 'x', messages: [{ ...plain.messages[0], text: 'a\u0000' }] }, 'invalid_request'],
    [{ ...plain, conversation: 'x', messages: [plain.messages[0], plain.messages[0]] }, 'invalid_request'],
    [`"${'x'.repeat(1024 * 1024 + 10)}"`, 'body_too_large'],
  ];
  const body = ndjson([plain, '', ...bad.map(([line]) => line), { ...plain, conversation: 'last' }]);
  const { refused, counts } = await bringIn(api, body.trimEnd());
  expect(counts).toEqual({ read: 12, created: 2, skipped: 0, refused: 10, messages: 8 });
  expect(refused.map(({ line, code }) => [line, code]).sort((a, b) => (a[0] as number) - (b[0] as number))).toEqual(
    bad.map(([, code], i) => [i + 3, code]),
  );
  expect((await api.get('/v1/conversations')).body.data).toHaveLength(2);
});

it('goes on with what was cut off, and adds nothing twice', async () => {
  const lines = conversations(120);
  const raw = ndjson(lines);
  const { hostname, port } = new URL(journey.url);
  const workspace = await journey.workspace();
  const api = await journey.client(workspace);
  const plain = raw.replaceAll(/"organization":"Org \d",/g, '');
  await new Promise<void>((resolve) => {
    const sending = request({
      hostname,
      port,
      path: '/v1/import',
      method: 'POST',
      headers: { authorization: `Bearer ${api.key}`, 'content-type': 'application/x-ndjson' },
    });
    sending.on('error', () => resolve());
    sending.on('close', () => resolve());
    sending.write(plain.slice(0, plain.length / 2));
    // Cut off once something of it has come in: a busy machine takes its time for that.
    until(async () => (await api.get('/v1/conversations?limit=1')).body.data.length > 0)
      .catch(() => undefined)
      .finally(() => sending.destroy());
  });
  const { counts } = await bringIn(api, plain);
  expect(counts.created + counts.skipped).toBe(120);
  expect(counts.skipped).toBeGreaterThan(0);
  const { data } = (await api.get('/v1/conversations?limit=1000')).body;
  expect(data).toHaveLength(120);
  expect(new Set(data.map((c: { external_id: string }) => c.external_id)).size).toBe(120);
  for (const line of lines.slice(50, 70)) await compare(api, line);
}, 120_000);

it('adds to a conversation that is there what is new in its line', async () => {
  const [line] = conversations(1);
  const { organization: _, ...plain } = line!;
  const api = await journey.client(await journey.workspace());
  await bringIn(api, ndjson([{ ...plain, messages: plain.messages.slice(0, 2) }]));
  const { counts } = await bringIn(api, ndjson([plain]));
  expect(counts).toEqual({ read: 1, created: 0, skipped: 1, refused: 0, messages: 2 });
  await compare(api, plain);
});

it('imports one conversation once from two requests at the same time', async () => {
  const lines = conversations(30).map(({ organization: _, ...plain }) => plain);
  const api = await journey.client(await journey.workspace());
  const both = await Promise.all([bringIn(api, ndjson(lines)), bringIn(api, ndjson(lines))]);
  expect(both.map(({ refused }) => refused)).toEqual([[], []]);
  const messages = lines.reduce((sum, line) => sum + line.messages.length, 0);
  expect(both[0]!.counts.messages + both[1]!.counts.messages).toBe(messages);
  expect((await api.get('/v1/conversations?limit=1000')).body.data).toHaveLength(30);
  for (const line of lines.slice(0, 10)) await compare(api, line);
}, 120_000);

it('asks for the right key, workspace and media type', async () => {
  const workspace = await journey.workspace();
  const reader = await journey.client(workspace, ['conversations:write', 'customers:write']);
  const all = await journey.client(workspace);
  const codeOf = async (api: ApiClient, query: string) => problem((await bringIn(api, '', query)).answer);
  expect(await codeOf(reader, '')).toEqual({ status: 403, code: 'forbidden' });
  expect(await codeOf(all, `?workspace_id=${workspace}`)).toEqual({ status: 403, code: 'forbidden' });
  expect(await codeOf(journey.root, '')).toEqual({ status: 400, code: 'invalid_request' });
  expect(await codeOf(journey.root, `?workspace_id=${workspace}&workspace_from=organization`)).toEqual({
    status: 400,
    code: 'invalid_request',
  });
  expect((await bringIn(all, '')).counts).toEqual({ read: 0, created: 0, skipped: 0, refused: 0, messages: 0 });
});

const DATA = join(packageRoot, '..', 'shared', 'data', 'customer-care.ndjson');
const DEMO = join(packageRoot, 'examples', 'demo.ndjson');

for (const [name, file, atLeast] of [
  ['the customer care data set', DATA, 525],
  ['the examples', DEMO, 20],
] as const) {
  const present = existsSync(file);
  (present ? it : it.skip)(
    `brings in ${name}${present ? '' : ` (there is no ${file})`}, twice`,
    async () => {
      const raw = readFileSync(file, 'utf8').trim().split('\n');
      const lines = ofNewOrganizations(raw.map((line) => JSON.parse(line) as Line));
      const messages = lines.reduce((sum, line) => sum + line.messages.length, 0);
      expect(lines.length).toBeGreaterThanOrEqual(atLeast);
      const first = await bringInByOrganization(ndjson(lines));
      const counts = { read: lines.length, created: lines.length, skipped: 0, refused: 0, messages };
      expect(first).toEqual({ status: 0, counts, err: '' });
      const again = await bringInByOrganization(ndjson(lines));
      expect(again.counts).toEqual({ read: lines.length, created: 0, skipped: lines.length, refused: 0, messages: 0 });
      const clients = await clientsOf(lines);
      for (const line of lines.filter((_, i) => i % 17 === 0)) await compare(clients.get(line.organization!)!, line);
    },
    60_000,
  );
}
