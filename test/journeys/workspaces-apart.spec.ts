import { eventually, until } from '../../libs/platform/testing/until.js';
import { aDeadLetter } from './a-dead-letter.js';
import { anAttempt } from './an-attempt.js';
import { ApiClient, type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';
import { aWebhookDeadLetter } from './rows-of-webhooks.js';

interface Operation {
  operationId: string;
  method: string;
  path: string;
}

let journey: Journey;
let ours: Cast;
let theirs: Cast;
let conversation: string;
let message: string;
let draft: string;
let attempt: string;
let operations: Operation[];

beforeAll(async () => {
  journey = await Journey.begin();
  [ours, theirs] = await Promise.all([journey.cast(), journey.cast()]);
  conversation = created(await conversationWith(theirs, { external_id: 'T-1', title: 'Theirs' })).id;
  message = created(await messageTo(conversation, theirs, 'Their message')).id;
  const proposed = { author: { type: 'user', id: theirs.user }, text: 'Their draft' };
  draft = created(await theirs.api.post(`/v1/conversations/${conversation}/drafts`, proposed)).id;
  const { paths } = (await journey.root.get('/openapi.json')).body;
  operations = Object.entries(paths as Record<string, Record<string, { operationId: string }>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => /^(get|post|put|patch|delete)$/.test(method))
        .map(([method, { operationId }]) => ({ operationId, method: method.toUpperCase(), path })),
  );
});
afterAll(() => journey.end());

/** Something of each kind that a workspace has, by the last word of their paths. */
async function wordsOf({
  api,
  workspace,
}: Cast): Promise<
  Record<
    | 'dead_letters'
    | 'labels'
    | 'status_details'
    | 'teams'
    | 'companies'
    | 'tenants'
    | 'custom_fields'
    | 'views'
    | 'jobs'
    | 'webhook_endpoints'
    | 'webhook_replays',
    string
  >
> {
  const many = { filter: { field: 'status', op: 'is', value: 'snoozed' }, patch: { priority: 'low' } };
  const { id: endpoint_id } = created(await api.post('/v1/webhook_endpoints', ENDPOINT));
  return {
    views: created(await api.post('/v1/views', { name: 'Word' })).id,
    webhook_endpoints: endpoint_id,
    webhook_replays: (await api.post('/v1/webhook_replays', { endpoint_id })).body.id,
    jobs: (await api.post('/v1/conversations/bulk', many)).body.id,
    dead_letters: await aDeadLetter(journey.database.url, workspace),
    labels: created(await api.post('/v1/labels', { name: 'Word' })).id,
    status_details: created(await api.post('/v1/status_details', { status: 'closed', name: 'Word' })).id,
    teams: created(await api.post('/v1/teams', { external_id: 'word', name: 'Word' })).id,
    custom_fields: created(await api.post('/v1/custom_fields', FIELD)).id,
    companies: created(await api.post('/v1/companies', { external_id: 'word', name: 'Word' })).id,
    tenants: created(await api.post('/v1/tenants', { external_id: 'word', name: 'Word' })).id,
  };
}
const ENDPOINT = { url: 'https://hooks.example.org/', types: ['*'] };
const FIELD = { object: 'conversation', key: 'word', kind: 'string', name: 'Word' };
/** Of the other workspace's endpoint. */
let undelivered: string;
let own: Awaited<ReturnType<typeof wordsOf>>;
let ownConversation: string;

/** A good body for each operation that changes something by its id. */
function bodyFor({ operationId }: Operation): object | undefined {
  const user = { type: 'user', id: ours.user };
  const bodies: Record<string, object> = {
    'conversation_links.add': { kind: 'child', conversation_id: ownConversation },
    'conversation_references.add': { type: 'issue', external_id: 'LOOM-1' },
    'conversations.fork': {},
    'conversations.merge': { into_id: ownConversation },
    'conversations.assign': { assignee: user },
    'conversations.assign_team': { team_id: null },
    'conversations.close': {},
    'conversations.label': { label_id: own.labels },
    'conversations.lock': {},
    'conversations.reopen': {},
    'conversations.set_presence': { party: user },
    'conversations.set_typing': { party: user },
    'conversations.snooze': {},
    'conversations.unlabel': { label_id: own.labels },
    'conversations.unlock': {},
    'conversations.update': { priority: 'high' },
    'ai_agents.update': { status: 'away' },
    'users.update': { status: 'away' },
    'conversations.replace_fields': { fields: {} },
    'conversations.update_fields': { fields: {} },
    'custom_fields.update': { archived: true },
    'companies.replace_fields': { fields: {} },
    'companies.update_fields': { fields: {} },
    'tenants.replace_fields': { fields: {} },
    'tenants.update_fields': { fields: {} },
    'customers.replace_fields': { fields: {} },
    'customers.update_fields': { fields: {} },
    'messages.replace_fields': { fields: {} },
    'messages.update_fields': { fields: {} },
    'companies.update': { archived: true },
    'customers.add_identity': { identity: { kind: 'email', value: 'intruder@example.org' } },
    'customers.join_company': { company_id: own.companies },
    'customers.join_tenant': { tenant_id: own.tenants },
    'customers.leave_company': { company_id: own.companies },
    'customers.leave_tenant': { tenant_id: own.tenants },
    'customers.merge': { into_id: ours.customer },
    'customers.prefer_identity': { identity_id: `idn_${ours.customer.slice(4)}` },
    'customers.remove_identity': { identity_id: `idn_${ours.customer.slice(4)}` },
    'customers.unmerge': {},
    'customers.unverify_identity': { identity_id: `idn_${ours.customer.slice(4)}` },
    'customers.update': { name: 'Intruder' },
    'customers.verify_identity': { identity_id: `idn_${ours.customer.slice(4)}` },
    'dead_letters.redrive': {},
    'labels.update': { archived: true },
    'status_details.update': { archived: true },
    'tenants.update': { archived: true },
    'teams.update': { name: 'Word' },
    'teams.add_member': { member: user },
    'teams.remove_member': { member: user },
    'views.update': { archived: true },
    'webhook_endpoints.disable': {},
    'webhook_endpoints.enable': {},
    'webhook_endpoints.rotate_secret': {},
    'webhook_endpoints.test': {},
    'webhook_endpoints.update': { headers: { 'X-Intruder': '1' } },
    'webhook_dead_letters.redrive': {},
    'webhook_dead_letters.redrive_many': {},
    'webhook_lanes.resume': { stream: ownConversation },
    'webhook_lanes.skip': { stream: ownConversation },
    'jobs.cancel': {},
    'webhook_replays.cancel': {},
    'drafts.accept': { by: user },
    'drafts.edit': { editor: user, text: 'Intruder' },
    'drafts.propose': { author: user, text: 'Intruder' },
    'drafts.refuse': { by: user },
    'messages.choose': { author: user, choices: [{ block_id: 'yes' }] },
    'messages.edit': { text: 'Intruder' },
    'messages.react': { author: user, emoji: '👍' },
    'messages.receipt': { receipt: { type: 'delivered' } },
    'messages.redact': {},
    'messages.unreact': { author: user, emoji: '👍' },
    'messages.post': { author: user, type: 'text', text: 'Intruder' },
  };
  return bodies[operationId];
}

/** What is named beside the thing itself is one's own, or nobody's. */
function pathFor({ operationId, path }: Operation, id: string): string {
  const query = operationId === 'conversation_links.remove' ? `?kind=related&conversation_id=${ownConversation}` : '';
  const filled = path
    .replace('{id}', id)
    .replace('{message_id}', message)
    .replace('{draft_id}', draft)
    .replace('{attempt_id}', attempt)
    .replace('{reference_id}', 'ref_0198f2c0a1b27c3d8e4f5a6b7c8d9e0f')
    .replace('{dead_letter_id}', undelivered);
  return filled + query;
}

it('finds none of another workspace’s ids, by any operation that takes one', async () => {
  const ids: Record<string, string> = {
    conversations: conversation,
    customers: theirs.customer,
    users: theirs.user,
    ai_agents: theirs.aiAgent,
    ...(await wordsOf(theirs)),
  };
  attempt = await anAttempt(journey.database.url, ids.webhook_endpoints!);
  own = await wordsOf(ours);
  undelivered = await aWebhookDeadLetter(journey.database.url, theirs.workspace, ids.webhook_endpoints!);
  ownConversation = created(await conversationWith(ours)).id;
  const eventsBefore = await theirs.api.get(`/v1/conversations/${conversation}/events`);
  const taken: string[] = [];
  for (const operation of operations) {
    if (!operation.path.includes('{id}') || operation.path.startsWith('/v1/api_keys')) continue;
    const kind = Object.keys(ids).find((name) => operation.path.includes(`/${name}/{id}`));
    expect(kind).toBeDefined();
    const path = pathFor(operation, ids[kind!]!);
    const hasBody = operation.method !== 'GET' && operation.method !== 'DELETE';
    const body = hasBody ? bodyFor(operation) : undefined;
    if (hasBody) expect([operation.operationId, body]).not.toContain(undefined);
    const answer = await ours.api.send(operation.method, path, body);
    expect([operation.operationId, problem(answer)]).toEqual([
      operation.operationId,
      { status: 404, code: 'not_found' },
    ]);
    // The same request is a good one for those whose id it is.
    if (operation.method === 'GET') {
      // What follows the log is a moment behind.
      await eventually(async () => expect((await theirs.api.get(path)).status).toBe(200));
    }
    taken.push(operation.operationId);
  }
  expect(taken.length).toBeGreaterThanOrEqual(11);
  const eventsAfter = await theirs.api.get(`/v1/conversations/${conversation}/events`);
  expect(eventsAfter.body).toEqual(eventsBefore.body);
});

async function companyOf({ api }: Cast): Promise<string> {
  return (await api.post('/v1/companies', { external_id: 'word', name: 'Word' })).body.id;
}

it('takes none of them as a reference', async () => {
  const own = created(await conversationWith(ours)).id;
  const answers = [
    await conversationWith({ ...ours, customer: theirs.customer }),
    await messageTo(own, { api: ours.api, customer: theirs.customer }),
    await ours.api.post(`/v1/conversations/${own}/links`, { kind: 'child', conversation_id: conversation }),
    await ours.api.post(`/v1/conversations/${own}/merge`, { into_id: conversation }),
    await ours.api.post(`/v1/conversations/${own}/assign`, { assignee: { type: 'user', id: theirs.user } }),
    await ours.api.post(`/v1/conversations/${own}/assign`, { assignee: { type: 'ai_agent', id: theirs.aiAgent } }),
    await ours.api.post(`/v1/customers/${ours.customer}/merge`, { into_id: theirs.customer }),
    await ours.api.post('/v1/tenants', { external_id: 'x', name: 'X', company_id: await companyOf(theirs) }),
    await ours.api.post(`/v1/customers/${ours.customer}/join_company`, { company_id: await companyOf(theirs) }),
  ];
  expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 404, code: 'unknown_reference' })));
});

it('lists nothing of another workspace, also not by filters', async () => {
  const lists = [
    `/v1/conversations?customer=${theirs.customer}`,
    '/v1/conversations?external_id=T-1',
    `/v1/conversations?assignee=${theirs.user}`,
    `/v1/conversations?created_after=2000-01-01T00:00:00.000Z&customer=${theirs.customer}`,
  ];
  for (const path of lists) expect((await ours.api.get(path)).body.data).toEqual([]);
  expect((await theirs.api.get(lists[0]!)).body.data).toHaveLength(1);
  for (const path of ['/v1/customers', '/v1/users', '/v1/ai_agents', '/v1/conversations']) {
    const text = JSON.stringify((await ours.api.get(path)).body);
    for (const id of [conversation, theirs.customer, theirs.user, theirs.aiAgent]) expect(text).not.toContain(id);
  }
});

it('may have the same external ids as another workspace', async () => {
  expect((await conversationWith(ours, { external_id: 'T-1' })).status).toBe(201);
});

describe('a key', () => {
  const person = { external_id: 'x', name: 'X' };

  it.each<{ scope: string; method: string; path: string; body?: object }>([
    { scope: 'customers:read', method: 'GET', path: '/v1/customers' },
    { scope: 'customers:write', method: 'POST', path: '/v1/customers', body: person },
    { scope: 'users:read', method: 'GET', path: '/v1/users' },
    { scope: 'users:read', method: 'GET', path: '/v1/ai_agents' },
    { scope: 'users:write', method: 'POST', path: '/v1/users', body: person },
    { scope: 'users:write', method: 'POST', path: '/v1/ai_agents', body: person },
    { scope: 'conversations:read', method: 'GET', path: '/v1/conversations' },
    { scope: 'webhooks:read', method: 'GET', path: '/v1/webhook_endpoints' },
  ])('with $scope alone may $method $path, and one with all others may not', async ({ scope, method, path, body }) => {
    const all = ['conversations', 'customers', 'users', 'events', 'webhooks', 'analytics', 'admin'].flatMap((r) => [
      `${r}:read`,
      `${r}:write`,
    ]);
    const fit = await journey.client(ours.workspace, [scope]);
    const unfit = await journey.client(
      ours.workspace,
      all.filter((other) => other !== scope),
    );
    expect((await fit.send(method, path, body)).status).toBeLessThan(300);
    expect(problem(await unfit.send(method, path, body))).toEqual({ status: 403, code: 'forbidden' });
  });

  it('needs two scopes for the events of a conversation', async () => {
    const path = `/v1/conversations/${created(await conversationWith(ours)).id}/events`;
    for (const scopes of [['conversations:read'], ['events:read']]) {
      expect(problem(await (await journey.client(ours.workspace, scopes)).get(path)).status).toBe(403);
    }
    const both = await journey.client(ours.workspace, ['conversations:read', 'events:read']);
    expect((await both.get(path)).status).toBe(200);
  });

  it('needs two scopes to say where events are sent to, and to read a secret the one that writes', async () => {
    for (const scopes of [['webhooks:write'], ['webhooks:read', 'events:read']]) {
      const api = await journey.client(ours.workspace, scopes);
      expect(problem(await api.post('/v1/webhook_endpoints', ENDPOINT)).status).toBe(403);
      const path = `/v1/webhook_endpoints/${own.webhook_endpoints}`;
      expect(problem(await api.send('PATCH', path, { url: 'https://hooks.example.org/other' })).status).toBe(403);
    }
    const both = await journey.client(ours.workspace, ['webhooks:write', 'events:read']);
    const { id, secret } = created(await both.post('/v1/webhook_endpoints', ENDPOINT));
    expect((await both.get(`/v1/webhook_endpoints/${id}/secret`)).body.secret).toBe(secret);
    const reader = await journey.client(ours.workspace, ['webhooks:read', 'events:read']);
    expect((await reader.get(`/v1/webhook_endpoints/${id}`)).status).toBe(200);
    expect(problem(await reader.get(`/v1/webhook_endpoints/${id}/secret`)).status).toBe(403);
  });

  it('of a workspace may not do what needs the root key', async () => {
    for (const operation of operations.filter(({ path }) => /^\/v1\/(workspaces|api_keys)/.test(path))) {
      const path = operation.path.replace('{id}', `key_${ours.workspace.slice(4)}`);
      const body = operation.method === 'GET' ? undefined : {};
      expect(problem(await ours.api.send(operation.method, path, body))).toEqual({ status: 403, code: 'forbidden' });
    }
  });

  it('of the installation may not do what needs a workspace’s', async () => {
    let tried = 0;
    for (const operation of operations) {
      if (!operation.path.startsWith('/v1/') || /^\/v1\/(workspaces|api_keys|import)/.test(operation.path)) continue;
      const path = operation.path.replace('{id}', 'x');
      const answer = await journey.root.send(operation.method, path, operation.method === 'GET' ? undefined : {});
      expect([operation.operationId, problem(answer)]).toEqual([
        operation.operationId,
        { status: 403, code: 'forbidden' },
      ]);
      tried++;
    }
    expect(tried).toBeGreaterThanOrEqual(15);
  });

  it('with an unknown scope is not made', async () => {
    const body = { workspace_id: ours.workspace, name: 'x', scopes: ['customers:read', 'customers:own'] };
    const answer = await journey.root.post('/v1/api_keys', body);
    expect(problem(answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect(answer.body.errors[0].pointer).toBe('/body/scopes/1');
  });

  it('of a workspace that does not exist is not made', async () => {
    const body = { workspace_id: `wsp_${ours.customer.slice(4)}`, name: 'x', scopes: ['*'] };
    expect(problem(await journey.root.post('/v1/api_keys', body))).toEqual({ status: 404, code: 'unknown_reference' });
  });

  it('works at once, a hundred times', async () => {
    for (let n = 0; n < 100; n++) {
      const api = await journey.client(ours.workspace, ['customers:read']);
      expect((await api.get('/v1/customers?limit=1')).status).toBe(200);
    }
  });

  it('is refused soon after it was revoked, for ever', async () => {
    const body = { workspace_id: ours.workspace, name: 'x', scopes: ['*'] };
    const { id, key } = created(await journey.root.post('/v1/api_keys', body));
    // Each process hears of it on its own.
    const statuses = () =>
      Promise.all(
        journey
          .processesOf('conversation')
          .map(async (url) => (await new ApiClient(url, key).get('/v1/customers')).status),
      );
    const all = async (status: number) => expect(new Set(await statuses())).toEqual(new Set([status]));
    await all(200);
    const revoke = (workspace_id: string) => journey.root.post(`/v1/api_keys/${id}/revoke`, { workspace_id });
    expect(problem(await revoke(theirs.workspace))).toEqual({ status: 404, code: 'not_found' });
    await all(200);
    const done = await revoke(ours.workspace);
    expect([done.status, done.body]).toEqual([200, { id }]);
    await until(async () => (await statuses()).every((status) => status === 401));
    expect((await revoke(ours.workspace)).status).toBe(200);
    await all(401);
    const { data } = (await journey.root.get(`/v1/api_keys?workspace_id=${ours.workspace}&limit=1000`)).body;
    expect(data.find((one: { id: string }) => one.id === id).revoked_at).not.toBeNull();
  });

  it('is shown again to who repeats the request, and to nobody else', async () => {
    const body = { workspace_id: ours.workspace, name: 'x', scopes: ['*'], idempotency_key: 'key 1' };
    const first = await journey.root.post('/v1/api_keys', body);
    const again = await journey.root.post('/v1/api_keys', body);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(JSON.stringify((await journey.root.get(`/v1/api_keys?workspace_id=${ours.workspace}`)).body)).not.toContain(
      first.body.key,
    );
  });
});
