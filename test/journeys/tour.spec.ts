import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerText } from '../../apps/cli/answer-text.js';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { FeedReader } from './event-lines.js';
import { type ApiClient, created, Journey, messageTo, problem } from './journey.js';

const ID = (prefix: string) => expect.stringMatching(new RegExp(`^${prefix}_[0-9a-f]{32}$`));
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

let journey: Journey;
beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());

describe('a newcomer', () => {
  const acme = `acme-${randomUUID()}`;
  let workspace: string;
  let keyId: string;
  let api: ApiClient;
  let customer: string;
  let user: string;
  let aiAgent: string;
  let conversation: string;

  it('makes a workspace, and finds it by its external id', async () => {
    const made = await journey.root.post('/v1/workspaces', { name: 'Acme', external_id: acme });
    expect([made.status, made.body]).toEqual([201, { id: ID('wsp') }]);
    workspace = made.body.id;
    const again = await journey.root.post('/v1/workspaces', { name: 'Acme & Sons', external_id: acme });
    expect([again.status, again.body]).toEqual([200, { id: workspace }]);
    const found = await journey.root.get(`/v1/workspaces?external_id=${acme}&limit=1`);
    expect([found.status, found.body]).toEqual([
      200,
      {
        data: [{ id: workspace, name: 'Acme & Sons', external_id: acme, created_at: TIME, updated_at: TIME }],
        next_cursor: null,
      },
    ]);
  });

  it('makes a key for it', async () => {
    const made = await journey.root.post('/v1/api_keys', { workspace_id: workspace, name: 'mine', scopes: ['*'] });
    expect([made.status, made.body]).toEqual([201, { id: ID('key'), key: expect.stringMatching(/^hdl_/) }]);
    keyId = made.body.id;
    api = await journey.client(workspace);
    const keys = await journey.root.get(`/v1/api_keys?workspace_id=${workspace}`);
    expect(keys.body.data).toHaveLength(2);
    expect(keys.body.data[1]).toEqual({
      id: keyId,
      workspace_id: workspace,
      name: 'mine',
      scopes: ['*'],
      created_at: TIME,
      revoked_at: null,
    });
    expect(JSON.stringify(keys.body)).not.toContain(made.body.key);
  });

  it('makes a customer known, once', async () => {
    const made = await api.post('/v1/customers', { external_id: 'ada', name: 'Ada' });
    expect([made.status, made.body]).toEqual([201, { id: ID('cus') }]);
    customer = made.body.id;
    const again = await api.post('/v1/customers', { external_id: 'ada', name: 'Ada Lovelace' });
    expect([again.status, again.body]).toEqual([200, { id: customer }]);
    const read = await api.get(`/v1/customers/${customer}`);
    const expected = {
      id: customer,
      external_id: 'ada',
      name: 'Ada Lovelace',
      language: null,
      time_zone: null,
      placeholder: false,
      merged_into_id: null,
      undo_until: null,
      fields: {},
      created_at: TIME,
      updated_at: TIME,
    };
    const belonging = { identities: [], company_ids: [], tenant_ids: [], merged_ids: [], asked_for_id: null };
    expect([read.status, read.body, read.headers.get('etag')]).toEqual([200, { ...expected, ...belonging }, '"2"']);
    const list = await api.get('/v1/customers?external_id=ada');
    expect(list.body).toEqual({ data: [expected], next_cursor: null });
  });

  it('adds a user and an AI agent', async () => {
    const bo = await api.post('/v1/users', { external_id: 'bo', name: 'Bo', email: 'bo@example.org' });
    expect([bo.status, bo.body]).toEqual([201, { id: ID('usr') }]);
    user = bo.body.id;
    expect((await api.get(`/v1/users/${user}`)).body).toMatchObject({ name: 'Bo', email: 'bo@example.org' });
    await api.post('/v1/users', { external_id: 'bo', name: 'Bo' });
    expect((await api.get(`/v1/users/${user}`)).body.email).toBe('bo@example.org');
    await api.post('/v1/users', { external_id: 'bo', name: 'Bo', email: null });
    expect((await api.get(`/v1/users/${user}`)).body.email).toBeNull();
    const bot = await api.post('/v1/ai_agents', { external_id: 'bot', name: 'Bot' });
    expect([bot.status, bot.body]).toEqual([201, { id: ID('aia') }]);
    aiAgent = bot.body.id;
    expect((await api.get(`/v1/ai_agents/${aiAgent}`)).body).toMatchObject({ external_id: 'bot', name: 'Bot' });
  });

  it('opens a conversation', async () => {
    const body = { customer_id: customer, channel: 'email', title: 'Broken lamp', external_id: 'T-1' };
    const made = await api.post('/v1/conversations', body);
    expect([made.status, made.body]).toEqual([201, { id: ID('conv'), seq: 1, status: 'open' }]);
    expect(made.headers.get('etag')).toBe('"1"');
    conversation = made.body.id;
    const taken = await api.post('/v1/conversations', body);
    expect(problem(taken)).toEqual({ status: 409, code: 'external_id_taken' });
    expect(taken.body.detail).toContain(conversation);
  });

  it('posts messages of everybody', async () => {
    const authors = [
      { type: 'customer', id: customer },
      { type: 'ai_agent', id: aiAgent },
      { type: 'user', id: user },
      { type: 'system', id: 'crm' },
    ];
    for (const [i, author] of authors.entries()) {
      const posted = await api.post(`/v1/conversations/${conversation}/messages`, {
        author,
        type: 'text',
        text: `Grüße ${i} 🧵`,
        idempotency_key: `post ${i}`,
      });
      expect([posted.status, posted.body]).toEqual([201, { id: ID('msg'), conversation_id: conversation, seq: i + 2 }]);
    }
    const list = await api.get(`/v1/conversations/${conversation}/messages?limit=3`);
    expect(list.body.data.map((m: { text: string }) => m.text)).toEqual([0, 1, 2].map((i) => `Grüße ${i} 🧵`));
    const rest = await api.get(`/v1/conversations/${conversation}/messages?cursor=${list.body.next_cursor}`);
    expect(rest.body).toEqual({
      data: [
        {
          id: ID('msg'),
          conversation_id: conversation,
          seq: 5,
          author: authors[3],
          channel: 'email',
          type: 'text',
          text: 'Grüße 3 🧵',
          external_id: null,
          blocks: null,
          mentions: [],
          channel_message_id: null,
          in_reply_to: null,
          draft_id: null,
          ai: null,
          reactions: [],
          receipts: [],
          choices: [],
          edited_at: null,
          redacted_at: null,
          fields: {},
          occurred_at: TIME,
          recorded_at: TIME,
        },
      ],
      next_cursor: null,
    });
  });

  it('assigns, closes and reopens it, and a customer’s message opens it again', async () => {
    const at = `/v1/conversations/${conversation}`;
    const assignee = { type: 'user', id: user };
    const steps: [string, object, number, object][] = [
      ['assign', { assignee }, 200, { id: conversation, seq: 6, status: 'open' }],
      ['close', {}, 200, { id: conversation, seq: 7, status: 'closed' }],
      ['reopen', {}, 200, { id: conversation, seq: 8, status: 'open' }],
      ['close', {}, 200, { id: conversation, seq: 9, status: 'closed' }],
    ];
    for (const [verb, body, status, answer] of steps) {
      const done = await api.post(`${at}/${verb}`, body);
      expect([done.status, done.body]).toEqual([status, answer]);
    }
    const closed = await api.get(at);
    expect(closed.body).toMatchObject({ status: 'closed', closed_at: TIME, assignee, seq: 9 });
    const posted = await messageTo(conversation, { api, customer });
    expect(posted.body.seq).toBe(10);
    expect((await api.get(at)).body).toMatchObject({ status: 'open', closed_at: null, assignee, seq: 11 });
  });

  it('is refused what makes no sense in its state', async () => {
    const at = `/v1/conversations/${conversation}`;
    expect(problem(await api.post(`${at}/reopen`))).toEqual({ status: 422, code: 'conversation_not_closed' });
    const same = await api.post(`${at}/assign`, { assignee: { type: 'user', id: user } });
    expect(problem(same)).toEqual({ status: 422, code: 'already_assigned' });
    await api.post(`${at}/close`);
    expect(problem(await api.post(`${at}/close`))).toEqual({ status: 422, code: 'conversation_closed' });
  });

  it('reads the conversation with its last messages, oldest first', async () => {
    const read = await api.get(`/v1/conversations/${conversation}?messages=2`);
    expect(read.headers.get('etag')).toBe('"12"');
    expect(read.body).toMatchObject({
      id: conversation,
      customer_id: customer,
      channel: 'email',
      title: 'Broken lamp',
      external_id: 'T-1',
      status: 'closed',
      seq: 12,
    });
    expect(read.body.messages.map((m: { seq: number }) => m.seq)).toEqual([5, 10]);
    expect((await api.get(`/v1/conversations/${conversation}`)).body.messages).toBeUndefined();
  });

  it('sees everything that happened, in order, with who called and who wrote', async () => {
    const { body } = await api.get(`/v1/conversations/${conversation}/events`);
    expect(body.next_cursor).toBeNull();
    expect(body.data.map((e: { seq: number }) => e.seq)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(body.data.map((e: { type: string }) => e.type)).toEqual([
      'conversation.created',
      ...Array.from({ length: 4 }, () => 'message.created'),
      'conversation.assigned',
      'conversation.closed',
      'conversation.reopened',
      'conversation.closed',
      'message.created',
      'conversation.reopened',
      'conversation.closed',
    ]);
    expect(body.data[1]).toEqual({
      id: ID('evt'),
      type: 'message.created',
      stream: conversation,
      seq: 2,
      position: expect.any(Number),
      occurred_at: TIME,
      recorded_at: TIME,
      actor: { type: 'api_key', id: ID('key') },
      data: {
        message_id: ID('msg'),
        author: { type: 'customer', id: customer },
        channel: 'email',
        type: 'text',
        text: 'Grüße 0 🧵',
        external_id: null,
        blocks: null,
        mentions: [],
        channel_message_id: null,
        in_reply_to: null,
        draft_id: null,
        ai_model: null,
        ai_confidence: null,
        ai_sources: null,
        ai_read_through_seq: null,
      },
    });
    const positions = body.data.map((e: { position: number }) => e.position);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });

  it('reads figures that include its last write', async () => {
    const posted = await messageTo(conversation, { api, customer });
    const position = posted.headers.get('heddle-position')!;
    const facts = await api.get(`/v1/analytics/conversations/${conversation}?wait_for=${position}`);
    expect([facts.status, facts.body]).toEqual([
      200,
      expect.objectContaining({
        id: conversation,
        customer_id: customer,
        status: 'open',
        messages: 6,
        customer_messages: 3,
        user_messages: 1,
        ai_agent_messages: 1,
        system_messages: 1,
        assignments: 1,
        closes: 3,
        reopens: 3,
      }),
    ]);
  });
});

it('waits for each write before it reads, thirty times', async () => {
  const cast = await journey.cast();
  const { id } = created(await cast.api.post('/v1/conversations', { customer_id: cast.customer, channel: 'chat' }));
  for (let n = 1; n <= 30; n++) {
    const posted = await messageTo(id, cast);
    const position = posted.headers.get('heddle-position');
    const facts = await cast.api.get(`/v1/analytics/conversations/${id}?wait_for=${position}`);
    expect(facts.body.messages).toBe(n);
  }
});

describe('the tour of the README', () => {
  const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
  const shown = (pattern: RegExp) => [...readme.matchAll(pattern)].map((found) => found.slice(1).map(Number));
  const anyIds = (line: string) => line.replaceAll(/_(?:…[0-9a-f]{5}|[0-9a-f]{32})/g, '_');
  /** What a terminal of 100 columns shows. */
  const lines = (answer: unknown) => answerText(answer, 100).split('\n').map(anyIds);
  const tableIn = (command: string) => {
    const after = readme.split(`$ npx heddle ${command}\n`)[1]!;
    return after
      .slice(0, after.search(/^(?:```|\$ )/m))
      .trimEnd()
      .split('\n')
      .map(anyIds);
  };
  let fresh: Journey;
  beforeAll(async () => {
    fresh = await Journey.begin({ own: true });
  });
  afterAll(() => fresh.end());

  it('has the figures of a store with its steps and nothing else', async () => {
    const api = await fresh.client(await fresh.workspace());
    const raw = readFileSync(join(packageRoot, 'examples', 'demo.ndjson'));
    const imported = await api.post('/v1/import', {}, { raw, headers: { 'content-type': 'application/x-ndjson' } });
    expect(readme).toContain((imported.body as string).trim());
    const id = (await api.get('/v1/conversations?external_id=demo-06')).body.data[0].id;
    const author = { type: 'user', id: (await api.get('/v1/users?external_id=ines')).body.data[0].id };
    expect(tableIn('messages list $id')).toEqual(lines((await api.get(`/v1/conversations/${id}/messages`)).body));
    const open = (await api.get('/v1/conversations?status=open')).body;
    expect(tableIn('conversations list --status open').toSorted()).toEqual(lines(open).toSorted());
    const text = 'Show us when it is done!';
    created(await api.post(`/v1/conversations/${id}/messages`, { author, type: 'text', text }));
    expect((await api.post(`/v1/conversations/${id}/close`)).status).toBe(200);

    const conversations: { seq: number }[] = (await api.get('/v1/conversations?limit=1000')).body.data;
    const events = conversations.reduce((sum, { seq }) => sum + seq, 0);
    const history = (await api.get(`/v1/conversations/${id}/events`)).body;
    const { data } = history;
    const anyPosition = (line: string) => line.replace(/( [1-6] +)\d+ +/, '$1');
    expect(tableIn('conversations events $id').map(anyPosition)).toEqual(lines(history).map(anyPosition));
    const position = data.at(-1).position;
    expect(shown(/"conversation_facts","events":(\d+),"rows":(\d+)/g)).toEqual([[events, conversations.length]]);
    expect(shown(/"conversation_facts","equal":true,"position":(\d+),"events":(\d+),"rows":(\d+)/g)).toEqual([
      [position, events, conversations.length],
    ]);
    expect(shown(/^evt_\S+ +(?:message\.created|conversation\.closed) +([56]) +(\d+) /gm)).toEqual([
      [5, position - 1],
      [6, position],
    ]);

    const subject = { conversation: { id } };
    const parcel = { id: 'parcel-7', type: 'parcel.delivered', subject, data: { parcel: 'LOOM-7' } };
    const recorded = created(await api.post('/v1/events', parcel));
    const telling = 'events record --id parcel-7 --type parcel.delivered --subject-conversation-id $id';
    expect(tableIn(`${telling} --data '{"parcel":"LOOM-7"}'`)).toEqual(lines(recorded));
    const asked = 'events stream --since beginning --conversation $id --type conversation.closed,activity.recorded';
    const query = { since: 'beginning', conversation: id, type: 'conversation.closed,activity.recorded' };
    const reader = await FeedReader.open(api, { query });
    try {
      await reader.heardType('activity.recorded');
      const anyPlace = (line: string) =>
        anyIds(line)
          .replaceAll(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"<time>"')
          .replace(/"cursor":"[^"]+"/, '"cursor":""')
          .replace(/"deduplication_key":"[0-9a-f]{32}"/, '"deduplication_key":""');
      expect(tableIn(asked).map(anyPlace)).toEqual(reader.events.map((event) => anyPlace(JSON.stringify(event))));
    } finally {
      reader.cut();
    }
  });
});
