import { randomUUID } from 'node:crypto';
import { newId } from '../../libs/platform/kernel/id.js';
import { aDeadLetter } from './a-dead-letter.js';
import { anAttempt } from './an-attempt.js';
import { FeedReader } from './event-lines.js';
import { handshake } from './event-socket.js';
import { type Answer, type ApiClient, type Cast, conversationWith, created, Journey, messageTo } from './journey.js';
import { aParkedLane, aWebhookDeadLetter } from './rows-of-webhooks.js';

interface Documented {
  operationId: string;
  responses: Record<string, { headers?: Record<string, unknown> }>;
}

const HEADERS = ['ETag', 'Heddle-Position', 'RateLimit', 'RateLimit-Policy', 'X-Request-Id'];

let journey: Journey;
let cast: Cast;
let api: ApiClient;
let conversation: string;
let documented: Map<string, Documented>;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  api = cast.api;
  conversation = created(await conversationWith(cast)).id;
  const { paths } = (await api.get('/openapi.json')).body as { paths: Record<string, Record<string, Documented>> };
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  documented = new Map(operations.map((operation) => [operation.operationId, operation]));
});
afterAll(() => journey.end());

const at = (rest = '') => `/v1/conversations/${conversation}${rest}`;
const known = { external_id: 'ada', name: 'Ada' };
const newKey = () => journey.root.post('/v1/api_keys', { workspace_id: cast.workspace, name: 'k', scopes: ['*'] });

const DETAIL = { status: 'closed', name: 'Spam' };
const ISSUE = { type: 'issue', external_id: 'LOOM-1' };
const FIELD = { key: 'yarn', kind: 'string', name: 'Yarn' };
const ENDPOINT = { url: 'https://hooks.example.org/', types: ['*'] };
const memberOf = () => ({ member: { type: 'user', id: cast.user } });

const rich = { type: 'rich', blocks: [{ type: 'quick_reply', id: 'yes', label: 'Yes' }] };
const asUser = () => ({ type: 'user', id: cast.user });
const asCustomer = () => ({ type: 'customer', id: cast.customer });
const aMessage = async () => created(await api.post(at('/messages'), { author: asUser(), ...rich })).id as string;
const onMessage = async (rest: string, body: object) => api.post(at(`/messages/${await aMessage()}${rest}`), body);
const aDraft = async () => created(await api.post(at('/drafts'), { author: asUser(), text: 'x' })).id as string;
const onDraft = async (rest: string, body: object) => api.post(at(`/drafts/${await aDraft()}${rest}`), body);

const deadLetter = () => aDeadLetter(journey.database.url, cast.workspace);
const EVENT_TYPE = { type: 'invoice.paid', schema: { type: 'object' } };

async function eventTypePath(): Promise<string> {
  await api.post('/v1/event_types', EVENT_TYPE);
  return `/v1/event_types/${EVENT_TYPE.type}`;
}

/** Of what is made where it is not there yet. */
const ids = {
  label: async () => (await api.post('/v1/labels', { name: 'Any' })).body.id as string,
  detail: async () => (await api.post('/v1/status_details', DETAIL)).body.id as string,
  view: async () => (await api.post('/v1/views', { name: 'Any' })).body.id as string,
  /** Of many rows, so that it is under way when it is cancelled. */
  job: async () => {
    const rows = Array.from({ length: 1000 }, () => newId('conv'));
    return (await api.post('/v1/conversations/bulk', { ids: rows, patch: {} })).body.id as string;
  },
  team: async () => (await api.post('/v1/teams', known)).body.id as string,
  field: async (object = 'conversation') =>
    (await api.post('/v1/custom_fields', { ...FIELD, object })).body.id as string,
  message: async () => created(await messageTo(conversation, cast)).id as string,
  company: async () => (await api.post('/v1/companies', known)).body.id as string,
  tenant: async () => (await api.post('/v1/tenants', known)).body.id as string,
  /** Each a new one. */
  other: async () =>
    created(await api.post('/v1/customers', { external_id: randomUUID(), name: 'Other' })).id as string,
  /** Each a new one, and the second of its kind: neither verified nor primary. */
  identity: async () => {
    const identity = { kind: 'email', value: `${randomUUID()}@example.org` };
    return created(await customerTo('add_identity', { identity })).id as string;
  },
  another: async () => created(await conversationWith(cast)).id as string,
  reference: async () => created(await api.post(at('/references'), ISSUE)).id as string,
  /** Each a new one. */
  endpoint: async () => created(await api.post('/v1/webhook_endpoints', ENDPOINT)).id as string,
  /** Each a new one, to a receiver that nobody has. */
  replay: async () =>
    (await api.post('/v1/webhook_replays', { endpoint_id: await ids.endpoint(), types: ['*'] })).body.id as string,
};

/** The path of a dead letter of an endpoint's. */
async function webhookDeadLetterPath(): Promise<string> {
  const endpoint = await ids.endpoint();
  const id = await aWebhookDeadLetter(journey.database.url, cast.workspace, endpoint);
  return `/v1/webhook_endpoints/${endpoint}/dead_letters/${id}`;
}

/** Resumes a parked lane, or skips its message. */
async function decideLane(verb: 'resume' | 'skip'): Promise<Answer> {
  const stream = await ids.another();
  const endpoint = await ids.endpoint();
  await aParkedLane(journey.database.url, cast.workspace, endpoint, stream);
  return api.post(`/v1/webhook_endpoints/${endpoint}/lanes/${verb}`, { stream });
}

const customerTo = (verb: string, body: object) => api.post(`/v1/customers/${cast.customer}/${verb}`, body);

/** Gives a value to something: another one by each method. */
async function weave(method: string, object: string, path: string): Promise<Answer> {
  await ids.field(object);
  return api.send(method, `${path}/fields`, { fields: { yarn: method } });
}

/** In an order in which each of them is done. */
const REQUESTS: Record<string, () => Promise<Answer>> = {
  'events.ws': () => handshake(api),
  'workspaces.create': () => journey.root.post('/v1/workspaces', { name: 'Acme' }),
  'workspaces.list': () => journey.root.get('/v1/workspaces'),
  'api_keys.create': newKey,
  'api_keys.list': () => journey.root.get(`/v1/api_keys?workspace_id=${cast.workspace}`),
  'api_keys.revoke': async () =>
    journey.root.post(`/v1/api_keys/${created(await newKey()).id}/revoke`, { workspace_id: cast.workspace }),
  'data_keys.look_up': async () => {
    const reader = await journey.client(cast.workspace, ['keys:read']);
    return reader.post('/v1/data_keys/look_up', { ids: ['0'.repeat(32)] });
  },
  'customers.upsert': () => api.post('/v1/customers', known),
  'customers.get': () => api.get(`/v1/customers/${cast.customer}`),
  'customers.list': () => api.get('/v1/customers'),
  'customers.update': () => api.send('PATCH', `/v1/customers/${cast.customer}`, { language: 'en' }),
  'customers.add_identity': () =>
    api.post(`/v1/customers/${cast.customer}/add_identity`, { identity: { kind: 'email', value: 'any@example.org' } }),
  'customers.verify_identity': async () => customerTo('verify_identity', { identity_id: await ids.identity() }),
  'customers.unverify_identity': async () => {
    const identity_id = await ids.identity();
    await customerTo('verify_identity', { identity_id });
    return customerTo('unverify_identity', { identity_id });
  },
  'customers.prefer_identity': async () => customerTo('prefer_identity', { identity_id: await ids.identity() }),
  'customers.remove_identity': async () => customerTo('remove_identity', { identity_id: await ids.identity() }),
  'customers.look_up': () =>
    api.post('/v1/customers/look_up', { identity: { kind: 'email', value: 'any@example.org' } }),
  'customers.resolve': () =>
    api.post('/v1/customers/resolve', { channel: 'chat', identity: { kind: 'handle', value: '@any' } }),
  'customers.merge': async () => api.post(`/v1/customers/${await ids.other()}/merge`, { into_id: cast.customer }),
  'customers.unmerge': async () => {
    const other = await ids.other();
    await api.post(`/v1/customers/${other}/merge`, { into_id: cast.customer });
    return api.post(`/v1/customers/${other}/unmerge`);
  },
  'customers.join_company': async () => customerTo('join_company', { company_id: await ids.company() }),
  'customers.leave_company': async () => customerTo('leave_company', { company_id: await ids.company() }),
  'customers.join_tenant': async () => customerTo('join_tenant', { tenant_id: await ids.tenant() }),
  'customers.leave_tenant': async () => customerTo('leave_tenant', { tenant_id: await ids.tenant() }),
  'customer_rules.set': () => api.send('PUT', '/v1/customer_rules', { merge_undo_hours: 24 }),
  'customer_rules.get': () => api.get('/v1/customer_rules'),
  'companies.upsert': () => api.post('/v1/companies', { ...known, external_id: 'new' }),
  'companies.update': async () =>
    api.send('PATCH', `/v1/companies/${await ids.company()}`, { domains: ['loom.example.org'] }),
  'companies.get': async () => api.get(`/v1/companies/${await ids.company()}`),
  'companies.list': () => api.get('/v1/companies'),
  'companies.customers': async () => api.get(`/v1/companies/${await ids.company()}/customers`),
  'tenants.upsert': () => api.post('/v1/tenants', { ...known, external_id: 'new' }),
  'tenants.update': async () => api.send('PATCH', `/v1/tenants/${await ids.tenant()}`, { name: 'New' }),
  'tenants.get': async () => api.get(`/v1/tenants/${await ids.tenant()}`),
  'tenants.list': () => api.get('/v1/tenants'),
  'tenants.customers': async () => api.get(`/v1/tenants/${await ids.tenant()}/customers`),
  'users.upsert': () => api.post('/v1/users', known),
  'users.get': () => api.get(`/v1/users/${cast.user}`),
  'users.list': () => api.get('/v1/users'),
  'users.update': () => api.send('PATCH', `/v1/users/${cast.user}`, { status: 'away' }),
  'ai_agents.upsert': () => api.post('/v1/ai_agents', known),
  'ai_agents.get': () => api.get(`/v1/ai_agents/${cast.aiAgent}`),
  'ai_agents.list': () => api.get('/v1/ai_agents'),
  'ai_agents.update': () => api.send('PATCH', `/v1/ai_agents/${cast.aiAgent}`, { skills: ['lace'] }),
  'conversations.create': () => conversationWith(cast),
  'conversations.get': () => api.get(at()),
  'conversations.list': () => api.get('/v1/conversations'),
  'conversations.assign': () => api.post(at('/assign'), { assignee: { type: 'user', id: cast.user } }),
  'conversations.assign_team': async () => api.post(at('/assign_team'), { team_id: await ids.team() }),
  'conversations.close': () => api.post(at('/close')),
  'conversations.reopen': () => api.post(at('/reopen')),
  'conversations.snooze': () => api.post(at('/snooze')),
  'conversations.update': () => api.send('PATCH', at(), { priority: 'high' }),
  'conversations.label': async () => api.post(at('/label'), { label_id: await ids.label() }),
  'conversations.unlabel': async () => api.post(at('/unlabel'), { label_id: await ids.label() }),
  'conversations.lock': () => api.post(at('/lock')),
  'conversations.unlock': () => api.post(at('/unlock')),
  'workload.list': () => api.get('/v1/workload'),
  'custom_fields.upsert': () => api.post('/v1/custom_fields', { ...FIELD, object: 'conversation', key: 'reed' }),
  'custom_fields.get': async () => api.get(`/v1/custom_fields/${await ids.field()}`),
  'custom_fields.list': () => api.get('/v1/custom_fields'),
  'custom_fields.update': async () => api.send('PATCH', `/v1/custom_fields/${await ids.field()}`, { name: 'New' }),
  'conversations.fields': () => api.get(at('/fields')),
  'conversations.update_fields': () => weave('PATCH', 'conversation', at()),
  'conversations.replace_fields': () => weave('PUT', 'conversation', at()),
  'messages.fields': async () => api.get(at(`/messages/${await ids.message()}/fields`)),
  'messages.update_fields': async () => weave('PATCH', 'message', at(`/messages/${await ids.message()}`)),
  'messages.replace_fields': async () => weave('PUT', 'message', at(`/messages/${await ids.message()}`)),
  'customers.fields': () => api.get(`/v1/customers/${cast.customer}/fields`),
  'customers.update_fields': () => weave('PATCH', 'customer', `/v1/customers/${cast.customer}`),
  'customers.replace_fields': () => weave('PUT', 'customer', `/v1/customers/${cast.customer}`),
  'companies.fields': async () => api.get(`/v1/companies/${await ids.company()}/fields`),
  'companies.update_fields': async () => weave('PATCH', 'company', `/v1/companies/${await ids.company()}`),
  'companies.replace_fields': async () => weave('PUT', 'company', `/v1/companies/${await ids.company()}`),
  'tenants.fields': async () => api.get(`/v1/tenants/${await ids.tenant()}/fields`),
  'tenants.update_fields': async () => weave('PATCH', 'tenant', `/v1/tenants/${await ids.tenant()}`),
  'tenants.replace_fields': async () => weave('PUT', 'tenant', `/v1/tenants/${await ids.tenant()}`),
  'dead_letters.list': () => api.get('/v1/events/dead_letters'),
  'dead_letters.get': async () => api.get(`/v1/events/dead_letters/${await deadLetter()}`),
  'dead_letters.redrive': async () => api.post(`/v1/events/dead_letters/${await deadLetter()}/redrive`),
  'dead_letters.redrive_range': async () => {
    await deadLetter();
    return api.post('/v1/events/dead_letters/redrive');
  },
  'event_types.upsert': () => api.post('/v1/event_types', EVENT_TYPE),
  'event_types.get': async () => api.get(await eventTypePath()),
  'event_types.list': () => api.get('/v1/event_types'),
  'event_types.update': async () => api.send('PATCH', await eventTypePath(), { description: 'Any' }),
  'event_types.versions': async () => api.get(`${await eventTypePath()}/versions`),
  'event_types.check': async () => api.post(`${await eventTypePath()}/check`, { schema: EVENT_TYPE.schema }),
  'labels.upsert': () => api.post('/v1/labels', { name: 'New' }),
  'labels.get': async () => api.get(`/v1/labels/${await ids.label()}`),
  'labels.list': () => api.get('/v1/labels'),
  'labels.update': async () => api.send('PATCH', `/v1/labels/${await ids.label()}`, { color: '#4477aa' }),
  'status_details.upsert': () => api.post('/v1/status_details', DETAIL),
  'status_details.get': async () => api.get(`/v1/status_details/${await ids.detail()}`),
  'status_details.list': () => api.get('/v1/status_details'),
  'status_details.update': async () =>
    api.send('PATCH', `/v1/status_details/${await ids.detail()}`, { archived: true }),
  'teams.upsert': () => api.post('/v1/teams', { ...known, external_id: 'new' }),
  'teams.get': async () => api.get(`/v1/teams/${await ids.team()}`),
  'teams.list': () => api.get('/v1/teams'),
  'teams.update': async () => api.send('PATCH', `/v1/teams/${await ids.team()}`, { name: 'Weekends' }),
  'teams.add_member': async () => api.post(`/v1/teams/${await ids.team()}/add_member`, memberOf()),
  'teams.remove_member': async () => api.post(`/v1/teams/${await ids.team()}/remove_member`, memberOf()),
  'conversations.search': () => api.post('/v1/conversations/search'),
  'conversations.count': () => api.post('/v1/conversations/count'),
  'conversations.bulk': () => api.post('/v1/conversations/bulk', { ids: [conversation], patch: { priority: 'low' } }),
  'jobs.get': async () => api.get(`/v1/jobs/${await ids.job()}`),
  'jobs.list': () => api.get('/v1/jobs'),
  'jobs.rows': async () => api.get(`/v1/jobs/${await ids.job()}/rows`),
  'events.record': async () =>
    api.post('/v1/events', { type: 'invoice.paid', subject: { customer: { id: cast.customer } }, data: {} }),
  'jobs.cancel': async () => {
    // One may have ended before a test that is held up comes to cancel it.
    for (let tries = 1; ; tries++) {
      const answer = await api.post(`/v1/jobs/${await ids.job()}/cancel`);
      if (answer.status !== 422 || tries === 20) return answer;
    }
  },
  'views.upsert': () => api.post('/v1/views', { name: 'New' }),
  'views.get': async () => api.get(`/v1/views/${await ids.view()}`),
  'views.list': () => api.get('/v1/views'),
  'views.update': async () => api.send('PATCH', `/v1/views/${await ids.view()}`, { sort: 'priority' }),
  'views.conversations': async () => api.get(`/v1/views/${await ids.view()}/conversations`),
  'views.count': async () => api.get(`/v1/views/${await ids.view()}/count`),
  'webhook_dead_letters.list': async () => api.get(`/v1/webhook_endpoints/${await ids.endpoint()}/dead_letters`),
  'webhook_dead_letters.get': async () => api.get(await webhookDeadLetterPath()),
  'webhook_dead_letters.redrive': async () => api.post(`${await webhookDeadLetterPath()}/redrive`),
  'webhook_dead_letters.redrive_many': async () =>
    api.post((await webhookDeadLetterPath()).replace(/wdl_\w+$/, 'redrive')),
  'webhook_lanes.list': async () => api.get(`/v1/webhook_endpoints/${await ids.endpoint()}/lanes`),
  'webhook_lanes.resume': () => decideLane('resume'),
  'webhook_lanes.skip': () => decideLane('skip'),
  'webhook_endpoints.create': () => api.post('/v1/webhook_endpoints', ENDPOINT),
  'webhook_endpoints.get': async () => api.get(`/v1/webhook_endpoints/${await ids.endpoint()}`),
  'webhook_endpoints.list': () => api.get('/v1/webhook_endpoints'),
  'webhook_endpoints.update': async () =>
    api.send('PATCH', `/v1/webhook_endpoints/${await ids.endpoint()}`, { rate_limit: 10 }),
  'webhook_endpoints.disable': async () => api.post(`/v1/webhook_endpoints/${await ids.endpoint()}/disable`),
  'webhook_endpoints.enable': async () => {
    const path = `/v1/webhook_endpoints/${await ids.endpoint()}`;
    await api.post(`${path}/disable`);
    return api.post(`${path}/enable`);
  },
  'webhook_endpoints.rotate_secret': async () =>
    api.post(`/v1/webhook_endpoints/${await ids.endpoint()}/rotate_secret`),
  'webhook_endpoints.test': async () => api.post(`/v1/webhook_endpoints/${await ids.endpoint()}/test`),
  'webhook_endpoints.secret': async () => api.get(`/v1/webhook_endpoints/${await ids.endpoint()}/secret`),
  'webhook_attempts.list': async () => api.get(`/v1/webhook_endpoints/${await ids.endpoint()}/attempts`),
  'webhook_attempts.get': async () => {
    const endpoint = await ids.endpoint();
    const attempt = await anAttempt(journey.database.url, endpoint);
    return api.get(`/v1/webhook_endpoints/${endpoint}/attempts/${attempt}`);
  },
  'webhook_deliveries.list': async () => api.get(`/v1/webhook_endpoints/${await ids.endpoint()}/deliveries`),
  'webhook_replays.start': async () => api.post('/v1/webhook_replays', { endpoint_id: await ids.endpoint() }),
  'webhook_replays.preview': async () => api.post('/v1/webhook_replays/preview', { endpoint_id: await ids.endpoint() }),
  'webhook_replays.get': async () => api.get(`/v1/webhook_replays/${await ids.replay()}`),
  'webhook_replays.list': () => api.get('/v1/webhook_replays'),
  'webhook_replays.cancel': async () => api.post(`/v1/webhook_replays/${await ids.replay()}/cancel`),
  'webhook_endpoints.delete': async () => api.send('DELETE', `/v1/webhook_endpoints/${await ids.endpoint()}`),
  'conversation_links.add': async () =>
    api.post(at('/links'), { kind: 'related', conversation_id: await ids.another() }),
  'conversation_links.list': () => api.get(at('/links')),
  'conversation_links.remove': async () => {
    const [{ conversation_id: other }] = (await api.get(at('/links'))).body.data;
    return api.send('DELETE', at(`/links?kind=related&conversation_id=${other}`));
  },
  'conversation_references.add': () => api.post(at('/references'), ISSUE),
  'conversation_references.list': () => api.get(at('/references')),
  'conversation_references.remove': async () => api.send('DELETE', at(`/references/${await ids.reference()}`)),
  'conversations.fork': () => api.post(at('/fork')),
  'conversations.merge': async () =>
    api.post(`/v1/conversations/${await ids.another()}/merge`, { into_id: conversation }),
  'conversations.events': () => api.get(at('/events')),
  'conversations.timeline': () => api.get(at('/timeline')),
  'conversations.diff': () => api.get(at('/diff')),
  'conversations.set_typing': () => api.post(at('/typing'), { party: { type: 'user', id: cast.user } }),
  'conversations.set_presence': () => api.post(at('/presence'), { party: { type: 'user', id: cast.user } }),
  'conversations.presence': () => api.get(at('/presence')),
  'messages.post': () => messageTo(conversation, cast),
  'messages.list': () => api.get(at('/messages')),
  'messages.get': async () => api.get(at(`/messages/${await aMessage()}`)),
  'messages.versions': async () => api.get(at(`/messages/${await aMessage()}/versions`)),
  'messages.edit': async () => api.send('PATCH', at(`/messages/${await aMessage()}`), { text: 'Better' }),
  'messages.redact': () => onMessage('/redact', {}),
  'messages.react': () => onMessage('/react', { author: asUser(), emoji: '👍' }),
  'messages.unreact': async () => {
    const path = at(`/messages/${await aMessage()}`);
    await api.post(`${path}/react`, { author: asUser(), emoji: '👍' });
    return api.post(`${path}/unreact`, { author: asUser(), emoji: '👍' });
  },
  'messages.receipt': () => onMessage('/receipts', { receipt: { type: 'delivered' } }),
  'messages.choose': () => onMessage('/choices', { author: asCustomer(), choices: [{ block_id: 'yes' }] }),
  'drafts.propose': () => api.post(at('/drafts'), { author: asUser(), text: 'x' }),
  'drafts.list': () => api.get(at('/drafts')),
  'drafts.get': async () => api.get(at(`/drafts/${await aDraft()}`)),
  'drafts.edit': async () => api.send('PATCH', at(`/drafts/${await aDraft()}`), { editor: asUser(), text: 'y' }),
  'drafts.accept': () => onDraft('/accept', { by: asUser() }),
  'drafts.refuse': () => onDraft('/refuse', { by: asUser() }),
  'analytics.conversation': async () =>
    api.get(
      `/v1/analytics/conversations/${conversation}?wait_for=${(await messageTo(conversation, cast)).headers.get('heddle-position')}`,
    ),
  'events.list': () => api.get('/v1/events'),
  'events.make_ticket': () => api.post('/v1/events/tickets'),
  'events.stream': async () => {
    const reader = await FeedReader.open(api);
    reader.cut();
    const { headers } = reader.response;
    return { status: 200, headers: new Headers(headers as Record<string, string>), body: null };
  },
  'schemas.list': () => api.get('/v1/schemas'),
  'schemas.get': () => api.get('/v1/schemas/message.created'),
  'schemas.get_version': () => api.get('/v1/schemas/message.created/1.0'),
  'schemas.compare': () => api.get('/v1/schemas/message.created/changes?from=1.0&to=1.1'),
  'import.conversations': () =>
    api.post('/v1/import', {}, { raw: '', headers: { 'content-type': 'application/x-ndjson' } }),
};

describe('the headers of the document', () => {
  it('are tried for every operation of the document', () => {
    expect(Object.keys(REQUESTS).sort()).toEqual([...documented.keys()].sort());
  });

  it.each(Object.keys(REQUESTS))('are those that a good answer of %s has', async (name) => {
    const { status, headers } = await REQUESTS[name]!();
    expect([101, 200, 201, 202]).toContain(status);
    const said = Object.keys(documented.get(name)!.responses[status]!.headers ?? {});
    expect(HEADERS.filter((header) => headers.has(header))).toEqual(HEADERS.filter((header) => said.includes(header)));
  });
});
