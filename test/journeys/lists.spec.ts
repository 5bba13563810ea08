import { randomUUID } from 'node:crypto';
import { type ApiClient, type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

type Item = { id: string; seq: number };

/** Every page of a list, one after the other; `between` runs after each. */
async function pagesOf(
  api: ApiClient,
  path: string,
  limit: number,
  between?: () => Promise<unknown>,
): Promise<Item[][]> {
  const pages: Item[][] = [];
  let cursor = '';
  do {
    const { status, body } = await api.get(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`);
    expect(status).toBe(200);
    expect(body.data.length).toBeLessThanOrEqual(limit);
    pages.push(body.data);
    cursor = body.next_cursor === null ? '' : `&cursor=${body.next_cursor}`;
    await between?.();
  } while (cursor !== '');
  return pages;
}

const PEOPLE = ['/v1/customers', '/v1/users', '/v1/ai_agents'];

describe.each(PEOPLE)('%s', (path) => {
  const made: string[] = [];
  beforeAll(async () => {
    for (let i = 0; i < 12; i++) {
      made.push(created(await cast.api.post(path, { external_id: `${i}`, name: `Number ${i}` })).id);
    }
  });

  it.each([1, 5, 12, 13, 1000])('comes in pages of %i, the last made here first, each once', async (limit) => {
    const ids = (await pagesOf(cast.api, path, limit)).flat().map(({ id }) => id);
    expect(ids.filter((id) => made.includes(id))).toEqual(made.toReversed());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('keeps its place while more is added', async () => {
    const add = () => cast.api.post(path, { external_id: randomUUID(), name: 'Late' });
    const ids = (await pagesOf(cast.api, path, 2, add)).flat().map(({ id }) => id);
    expect(ids.filter((id) => made.includes(id))).toEqual(made.toReversed());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is filtered by external id', async () => {
    const { body } = await cast.api.get(`${path}?external_id=7`);
    expect(body).toMatchObject({ data: [{ id: made[7], name: 'Number 7' }], next_cursor: null });
    expect((await cast.api.get(`${path}?external_id=none`)).body.data).toEqual([]);
  });

  it('has fifty on a page where no limit is given', async () => {
    await Promise.all(
      Array.from({ length: 50 }, () => cast.api.post(path, { external_id: randomUUID(), name: 'Many' })),
    );
    const { body } = await cast.api.get(path);
    expect(body.data).toHaveLength(50);
    expect(body.next_cursor).toEqual(expect.any(String));
  });
});

describe('conversations', () => {
  const ids: Record<string, string> = {};
  let other: string;

  beforeAll(async () => {
    other = created(await cast.api.post('/v1/customers', { external_id: 'other', name: 'Other' })).id;
    const make = async (name: string, more: object, customer = cast.customer) => {
      ids[name] = created(await conversationWith({ api: cast.api, customer }, more)).id;
    };
    await make('plain', {});
    await make('chat', { channel: 'chat', external_id: 'T-chat' });
    await make('closed', {});
    await make('user', { channel: 'chat' });
    await make('bot', {}, other);
    await make('was', {});
    const at = (name: string) => `/v1/conversations/${ids[name]}`;
    const user = { type: 'user', id: cast.user };
    await cast.api.post(`${at('closed')}/close`);
    await cast.api.post(`${at('user')}/assign`, { assignee: user });
    await cast.api.post(`${at('user')}/close`);
    await cast.api.post(`${at('bot')}/assign`, { assignee: { type: 'ai_agent', id: cast.aiAgent } });
    await cast.api.post(`${at('was')}/assign`, { assignee: user });
    await cast.api.post(`${at('was')}/assign`, { assignee: null });
  });

  const named = async (query: string) => {
    const names = new Map(Object.entries(ids).map(([name, id]) => [id, name]));
    const { body } = await cast.api.get(`/v1/conversations?${query}`);
    return body.data.map(({ id }: Item) => names.get(id));
  };

  it.each([
    ['', ['was', 'bot', 'user', 'closed', 'chat', 'plain']],
    ['status=open', ['was', 'bot', 'chat', 'plain']],
    ['status=closed', ['user', 'closed']],
    ['assignee=none', ['was', 'closed', 'chat', 'plain']],
    ['assignee=USER', ['user']],
    ['assignee=BOT', ['bot']],
    ['customer=OTHER', ['bot']],
    ['channel=chat', ['user', 'chat']],
    ['channel=chat&status=open', ['chat']],
    ['external_id=T-chat', ['chat']],
    ['external_id=T-none', []],
    ['customer=OTHER&assignee=USER', []],
    ['status=closed&assignee=USER&channel=chat&limit=1', ['user']],
  ])('with "%s" are %j', async (query, expected) => {
    const actual = query.replace('USER', cast.user).replace('BOT', cast.aiAgent).replace('OTHER', other);
    expect(await named(actual)).toEqual(expected);
  });

  it('keep their place while more are opened and change', async () => {
    const between = async () => {
      created(await conversationWith(cast));
      await cast.api.post(`/v1/conversations/${ids.plain}/assign`, { assignee: { type: 'user', id: cast.user } });
    };
    const seen = (await pagesOf(cast.api, '/v1/conversations', 2, between)).flat().map(({ id }) => id);
    expect(Object.values(ids).every((id) => seen.includes(id))).toBe(true);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('do not take a cursor that somebody has made of another one', async () => {
    const conversation = created(await conversationWith(cast)).id;
    const messages = `/v1/conversations/${conversation}/messages`;
    const posts = [];
    for (const text of ['one', 'two']) posts.push(created(await messageTo(conversation, cast, text)));
    await cast.api.send('PATCH', `${messages}/${posts[0]!.id}`, { text: 'One' });
    for (const [list, places] of [
      [`${messages}?limit=1`, 4],
      [`${messages}?limit=1&seq=3`, 4],
      [`${messages}/${posts[0]!.id}/versions?limit=1`, 4],
      [`/v1/conversations/${conversation}/timeline?limit=1`, 20],
    ] as const) {
      const bytes = Buffer.from((await cast.api.get(list)).body.next_cursor, 'base64url');
      const beyond = Buffer.concat([bytes.subarray(0, -places), Buffer.alloc(places, 0xff)]).toString('base64url');
      const answer = await cast.api.get(`${list}&cursor=${beyond}`);
      expect([list, problem(answer)]).toEqual([list, { status: 400, code: 'invalid_cursor' }]);
    }
  });

  it('do not take a cursor of another list, of other filters, or of another workspace', async () => {
    const cursor = (await cast.api.get('/v1/conversations?limit=1')).body.next_cursor;
    const foreign = await journey.client(await journey.workspace());
    const messages = `/v1/conversations/${ids.plain}/messages`;
    const answers = [
      await cast.api.get(`/v1/conversations?status=open&cursor=${cursor}`),
      await cast.api.get(`/v1/customers?cursor=${cursor}`),
      await cast.api.get(`${messages}?cursor=${cursor}`),
      await cast.api.get(`/v1/conversations/${ids.plain}/events?cursor=${cursor}`),
      await foreign.get(`/v1/conversations?cursor=${cursor}`),
      await cast.api.get(`/v1/conversations?cursor=${cursor.slice(0, -2)}`),
      await cast.api.get(`/v1/conversations?cursor=${cursor}AAAA`),
      await cast.api.get('/v1/conversations?cursor=nonsense'),
    ];
    expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 400, code: 'invalid_cursor' })));
    expect((await cast.api.get(`/v1/conversations?cursor=${cursor}`)).status).toBe(200);
  });
});

describe('messages and events', () => {
  let id: string;
  beforeAll(async () => {
    id = created(await conversationWith(cast)).id;
    for (let i = 0; i < 6; i++) created(await messageTo(id, cast, `${i}`));
    await cast.api.post(`/v1/conversations/${id}/close`);
    await cast.api.post(`/v1/conversations/${id}/reopen`);
  });

  it('come in pages, in order, each once, also while more are posted', async () => {
    for (const list of ['messages', 'events']) {
      let more = 3;
      const post = async () => more-- > 0 && messageTo(id, cast, 'more');
      const seqs = (await pagesOf(cast.api, `/v1/conversations/${id}/${list}`, 2, post)).flat().map(({ seq }) => seq);
      expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
      expect(seqs.length).toBeGreaterThanOrEqual(list === 'events' ? 12 : 9);
    }
  });

  it('go on from a place in the log that a write answered with', async () => {
    const posted = await messageTo(id, cast, 'before');
    const after = created(await messageTo(id, cast, 'after'));
    const position = posted.headers.get('heddle-position');
    const { body } = await cast.api.get(`/v1/conversations/${id}/events?cursor=${position}`);
    expect(body.data.map(({ seq }: Item) => seq)).toEqual([after.seq]);
  });

  it('are filtered by type, and by the group of all changes', async () => {
    const types = async (type: string) => {
      const pages = await pagesOf(cast.api, `/v1/conversations/${id}/events?type=${type}`, 1);
      return pages.flat().map((event) => (event as Item & { type: string }).type);
    };
    expect(new Set(await types('message.created'))).toEqual(new Set(['message.created']));
    expect(await types('conversation.created')).toEqual(['conversation.created']);
    expect(await types('conversation.updated')).toEqual(['conversation.closed', 'conversation.reopened']);
    expect(await types('conversation.snoozed')).toEqual([]);
  });

  it.each(['message.createdd', 'conversation.nothing'])(
    'refuse the type %s, which no event has, at once and as they happen',
    async (type) => {
      for (const accept of ['application/json', 'text/event-stream']) {
        const answer = await cast.api.get(`/v1/conversations/${id}/events?type=${type}`, { headers: { accept } });
        expect(problem(answer)).toEqual({ status: 422, code: 'invalid_value' });
        expect(answer.body.detail).toContain(type);
      }
    },
  );

  it('refuse a cursor of another installation', async () => {
    const position = (await messageTo(id, cast)).headers.get('heddle-position')!;
    const bytes = Buffer.from(position, 'base64url');
    bytes[1] = bytes[1]! ^ 0xff;
    const foreign = bytes.toString('base64url');
    const answers = [
      await cast.api.get(`/v1/conversations/${id}/events?cursor=${foreign}`),
      await cast.api.get(`/v1/analytics/conversations/${id}?wait_for=${foreign}`),
    ];
    expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 400, code: 'invalid_cursor' })));
  });
});

it('workspaces come in pages', async () => {
  for (let i = 0; i < 5; i++) await journey.workspace(`W${i}`);
  const ids = (await pagesOf(journey.root, '/v1/workspaces', 2)).flat().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(6);
  expect(ids).toEqual(ids.toSorted().reverse());
});

it("a workspace's keys come in pages, the last made here first", async () => {
  const workspace = await journey.workspace();
  const made: string[] = [];
  for (let i = 0; i < 3; i++) {
    const body = { workspace_id: workspace, name: `Key ${i}`, scopes: ['*'] };
    made.push(created(await journey.root.post('/v1/api_keys', body)).id);
  }
  const ids = (await pagesOf(journey.root, `/v1/api_keys?workspace_id=${workspace}`, 2)).flat().map(({ id }) => id);
  expect(ids).toEqual(made.toReversed());
});
