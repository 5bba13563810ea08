import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let a: string;
let b: string;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());
beforeEach(async () => {
  a = await conversation();
  b = await conversation();
});

const conversation = async (of: Pick<Cast, 'api' | 'customer'> = cast) =>
  created(await conversationWith(of)).id as string;
const at = (id: string, rest = '') => `/v1/conversations/${id}${rest}`;
const link = (from: string, kind: string, to: string) =>
  cast.api.post(at(from, '/links'), { kind, conversation_id: to });
const unlink = (from: string, kind: string, to: string) =>
  cast.api.send('DELETE', at(from, `/links?kind=${kind}&conversation_id=${to}`));
const linksOf = async (id: string): Promise<[string, string][]> =>
  (await cast.api.get(at(id, '/links'))).body.data.map((one: { kind: string; conversation_id: string }) => [
    one.kind,
    one.conversation_id,
  ]);
const merge = (from: string, into: string) => cast.api.post(at(from, '/merge'), { into_id: into });
const textsOf = async (id: string): Promise<string[]> =>
  (await cast.api.get(at(id, '/messages'))).body.data.map(({ text }: { text: string }) => text);
const eventsOf = async (id: string) => (await cast.api.get(at(id, '/events'))).body.data;

describe('a link', () => {
  it.each([
    ['related', 'related'],
    ['parent', 'child'],
    ['child', 'parent'],
    ['duplicate_of', 'duplicated_by'],
  ])('that makes one %s is seen from the other end as %s, and taken away', async (kind, back) => {
    const made = await link(a, kind, b);
    expect([made.status, made.body]).toEqual([201, { id: a, kind, conversation_id: b }]);
    expect([await linksOf(a), await linksOf(b)]).toEqual([[[kind, b]], [[back, a]]]);
    expect(problem(await link(a, kind, b))).toEqual({ status: 422, code: 'already_linked' });
    expect((await unlink(a, kind, b)).status).toBe(200);
    expect([await linksOf(a), await linksOf(b)]).toEqual([[], []]);
    expect(problem(await unlink(a, kind, b))).toEqual({ status: 422, code: 'not_linked' });
  });

  it('is one event, on one stream, and is taken away from the other end, too', async () => {
    created(await link(b, 'related', a));
    expect(problem(await link(a, 'related', b)).code).toBe('already_linked');
    const types = [...(await eventsOf(a)), ...(await eventsOf(b))].map(({ type }) => type);
    expect(types.filter((type) => type === 'conversation.linked')).toHaveLength(1);
    expect((await unlink(a, 'related', b)).status).toBe(200);
    expect(await linksOf(b)).toEqual([]);
  });

  it('is to one parent, and of one kind with another', async () => {
    const c = await conversation();
    created(await link(a, 'parent', b));
    expect(problem(await link(a, 'parent', c)).code).toBe('already_linked');
    created(await link(a, 'related', b));
    expect((await linksOf(a)).map(([kind]) => kind).sort()).toEqual(['parent', 'related']);
  });

  it('is refused to itself, and to what is not there', async () => {
    const nowhere = 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e0f';
    expect(problem(await link(a, 'related', a))).toEqual({ status: 422, code: 'linked_to_itself' });
    expect(problem(await unlink(a, 'related', a))).toEqual({ status: 422, code: 'not_linked' });
    expect(problem(await link(a, 'child', nowhere))).toEqual({ status: 404, code: 'unknown_reference' });
    expect(problem(await link(nowhere, 'child', a))).toEqual({ status: 404, code: 'not_found' });
    expect(problem(await link(a, 'sibling', b)).code).toBe('invalid_request');
  });

  it('is one of 100 at most, and all are listed in pages', async () => {
    // Held by the older of the two: this one.
    for (let n = 0; n < 100; n += 20) {
      await Promise.all(
        Array.from({ length: 20 }, async () => created(await link(a, 'related', await conversation()))),
      );
    }
    expect(problem(await link(a, 'related', await conversation()))).toEqual({ status: 422, code: 'too_many' });
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body } = await cast.api.get(at(a, `/links?limit=30${cursor === '' ? '' : `&cursor=${cursor}`}`));
      seen.push(...body.data.map(({ conversation_id }: { conversation_id: string }) => conversation_id));
      cursor = body.next_cursor;
    }
    expect(new Set(seen).size).toBe(100);
  });
});

describe('a reference', () => {
  const issue = { type: 'issue', external_id: 'LOOM-204', url: 'https://issues.example.org/LOOM-204', title: 'Bent' };

  it('is added, listed and removed, by events', async () => {
    const { id, seq } = created(await cast.api.post(at(a, '/references'), issue));
    expect(seq).toBe(2);
    const order = created(await cast.api.post(at(a, '/references'), { type: 'order', external_id: '77' })).id;
    const { data } = (await cast.api.get(at(a, '/references'))).body;
    expect(data).toEqual([
      { id, ...issue, added_at: expect.any(String) },
      { id: order, type: 'order', external_id: '77', url: null, title: null, added_at: expect.any(String) },
    ]);
    const removed = await cast.api.send('DELETE', at(a, `/references/${id}`));
    expect([removed.status, removed.body]).toEqual([200, { id: a, seq: 4, status: 'open' }]);
    expect((await cast.api.get(at(a, '/references'))).body.data).toHaveLength(1);
    expect(problem(await cast.api.send('DELETE', at(a, `/references/${id}`))).status).toBe(404);
    expect((await eventsOf(a)).slice(1).map(({ type }: { type: string }) => type)).toEqual([
      'conversation.reference_added',
      'conversation.reference_added',
      'conversation.reference_removed',
    ]);
  });

  it('has an address of the web, or none', async () => {
    const answer = await cast.api.post(at(a, '/references'), { ...issue, url: 'javascript:alert(1)' });
    expect(problem(answer)).toEqual({ status: 400, code: 'invalid_request' });
  });
});

describe('a merged conversation', () => {
  it('is closed, readable, and goes on in the other one', async () => {
    created(await messageTo(a, cast, 'First here'));
    created(await messageTo(b, cast, 'First there'));
    const done = await merge(a, b);
    expect([done.status, done.body]).toEqual([200, { id: a, seq: 4, into_id: b }]);
    const posted = await messageTo(a, cast, 'And on');
    expect([posted.status, posted.body.conversation_id]).toEqual([201, b]);
    expect(await textsOf(a)).toEqual(['First here']);
    expect(await textsOf(b)).toEqual(['First there', 'And on']);
    expect((await cast.api.get(at(a))).body.status).toBe('closed');
    expect([await linksOf(a), await linksOf(b)]).toEqual([[['merged_into', b]], [['merged_from', a]]]);
    expect((await eventsOf(a)).map(({ type }: { type: string }) => type)).toEqual([
      'conversation.created',
      'message.created',
      'conversation.closed',
      'conversation.merged',
    ]);
  });

  it('sends a message on once, however often it is sent', async () => {
    await merge(a, b);
    const author = { type: 'customer', id: cast.customer };
    const send = () =>
      cast.api.post(
        at(a, '/messages'),
        { author, type: 'text', text: 'Once', external_id: 'm-1' },
        { headers: { 'idempotency-key': 'once' } },
      );
    const [first, again] = [await send(), await send()];
    expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await textsOf(b)).toEqual(['Once']);
  });

  it('goes on at the end of a chain, also where that is merged later', async () => {
    const c = await conversation();
    await merge(a, b);
    await merge(b, c);
    expect((await messageTo(a, cast, 'Far')).body.conversation_id).toBe(c);
    const d = await conversation();
    expect((await merge(d, a)).body.into_id).toBe(c);
    expect(problem(await merge(c, a))).toEqual({ status: 422, code: 'merge_into_itself' });
  });

  it('is merged once, and with one of the same customer', async () => {
    const c = await conversation();
    const stranger = created(await cast.api.post('/v1/customers', { external_id: 'stranger', name: 'Another' })).id;
    const theirs = await conversation({ api: cast.api, customer: stranger });
    expect(problem(await merge(a, theirs))).toEqual({ status: 422, code: 'customer_mismatch' });
    await merge(a, b);
    expect(problem(await merge(a, c))).toEqual({ status: 422, code: 'conversation_merged' });
    expect(problem(await merge(b, b)).code).toBe('merge_into_itself');
  });

  it('loses no message where two are merged into each other at one moment', async () => {
    for (let round = 0; round < 10; round++) {
      const [one, other] = [await conversation(), await conversation()];
      await Promise.all([merge(one, other), merge(other, one)]);
      const places = await Promise.all(
        [one, other].map(async (id) => (await messageTo(id, cast)).body.conversation_id),
      );
      expect(new Set(places).size).toBe(1);
      expect([one, other]).toContain(places[0]);
      expect(await textsOf(places[0])).toHaveLength(2);
    }
  });
});

describe('what comes late to a merged conversation', () => {
  const author = () => ({ type: 'customer', id: cast.customer });
  const send = (to: string, more: object, options = {}) =>
    cast.api.post(at(to, '/messages'), { author: author(), type: 'text', text: 'Late', ...more }, options);
  const agent = async () => {
    const { body } = await cast.api.post('/v1/users', { external_id: 'agent', name: 'An agent' });
    return { type: 'user', id: body.id as string };
  };

  it('may answer one of its messages, and goes on all the same', async () => {
    const { id } = created(await messageTo(a, cast, 'First here'));
    const { id: elsewhere } = created(await messageTo(b, cast, 'First there'));
    await merge(a, b);
    const answer = created(await send(a, { in_reply_to: id }));
    expect(answer.conversation_id).toBe(b);
    const { body } = await cast.api.get(at(b, `/messages/${answer.id}`));
    expect(body.in_reply_to).toBe(id);
    expect(problem(await send(a, { in_reply_to: elsewhere })).code).toBe('unknown_reference');
  });

  it.each([
    ['its external id', { external_id: 'x' }],
    ['its id on its channel', { channel_message_id: 'x' }],
  ])('is known again by %s, whichever of the merges it came by', async (_, name) => {
    const c = await conversation();
    await merge(a, b);
    const headers = { 'idempotency-key': JSON.stringify(name) };
    const first = created(await send(a, name, { headers }));
    expect(first.conversation_id).toBe(b);
    await merge(b, c);
    expect(problem(await send(a, name)).code).toBe('external_id_taken');
    expect((await send(a, name, { headers })).body).toEqual(first);
    expect([await textsOf(b), await textsOf(c)]).toEqual([['Late'], []]);
    expect(created(await send(c, name)).conversation_id).toBe(c);
  });

  it('is refused of an import, and opens nothing again', async () => {
    const message = (id: string) => ({ id, at: '2026-03-01T10:00:00Z', author: { type: 'customer', id: a }, text: id });
    const bring = async (...ids: string[]) => {
      const line = { conversation: `of ${a}`, channel: 'email', customer: a, messages: ids.map(message) };
      const options = { raw: `${JSON.stringify(line)}\n`, headers: { 'content-type': 'application/x-ndjson' } };
      const answer = await cast.api.post('/v1/import', {}, options);
      return (answer.body as string)
        .trim()
        .split('\n')
        .map((one) => JSON.parse(one));
    };
    await bring('One');
    const listed = (await cast.api.get(`/v1/conversations?external_id=of+${a}`)).body.data;
    const source: string = listed[0].id;
    const into = await conversation({ api: cast.api, customer: listed[0].customer_id });
    expect((await merge(source, into)).status).toBe(200);
    expect(await bring('One', 'Two')).toMatchObject([
      { line: 1, code: 'conversation_merged', detail: expect.stringContaining(into) },
      { read: 1, refused: 1, messages: 0 },
    ]);
    expect(await bring('One')).toMatchObject([{ read: 1, skipped: 1, refused: 0, messages: 0 }]);
    expect((await cast.api.get(at(source))).body.status).toBe('closed');
    expect([await textsOf(source), await textsOf(into)]).toEqual([['One'], []]);
  });

  it('is a draft for the one in which it goes on', async () => {
    const { id } = created(await messageTo(a, cast, 'First here'));
    await merge(a, b);
    const body = { author: await agent(), text: 'Use the other reed.', in_reply_to: id };
    const draft = created(await cast.api.post(at(a, '/drafts'), body));
    expect(draft.conversation_id).toBe(b);
    const accepted = await cast.api.post(at(b, `/drafts/${draft.id}/accept`), { by: await agent() });
    expect(created(accepted).conversation_id).toBe(b);
    expect(await textsOf(b)).toEqual(['Use the other reed.']);
  });

  it('is refused of a draft and of choices that are its own', async () => {
    const { draft, offer } = await waiting(a);
    await merge(a, b);
    const by = await agent();
    const codes = [
      await cast.api.post(at(a, `/drafts/${draft}/accept`), { by }),
      await cast.api.post(at(a, `/messages/${offer}/choices`), { author: author(), choices: [{ block_id: 'go' }] }),
    ].map((answer) => problem(answer).code);
    expect(codes).toEqual(['conversation_merged', 'conversation_merged']);
  });

  it('is taken whole at the end of a ring: drafts and choices, too', async () => {
    const { end, draft, offer } = await ring();
    const by = await agent();
    expect(created(await cast.api.post(at(end, '/drafts'), { author: by, text: 'More' })).conversation_id).toBe(end);
    created(await cast.api.post(at(end, `/drafts/${draft}/accept`), { by }));
    const chosen = await cast.api.post(at(end, `/messages/${offer}/choices`), {
      author: author(),
      choices: [{ block_id: 'go' }],
    });
    expect([chosen.status, chosen.body.conversation_id]).toEqual([200, end]);
  });

  /** A draft that nobody has settled, and a message that offers a choice. */
  async function waiting(id: string): Promise<{ draft: string; offer: string }> {
    const by = await agent();
    const draft = created(await cast.api.post(at(id, '/drafts'), { author: by, text: 'Yes' })).id;
    const blocks = [{ type: 'button', id: 'go', label: 'Go on' }];
    const offer = created(await cast.api.post(at(id, '/messages'), { author: by, type: 'rich', blocks })).id;
    return { draft, offer };
  }

  /** Two that are merged into each other at one moment: where both go on, and what waited there before. */
  async function ring() {
    for (let round = 0; round < 100; round++) {
      const pair = [await conversation(), await conversation()];
      const [one, other] = pair.sort() as [string, string];
      const before = await waiting(one);
      const merges = await Promise.all([merge(one, other), merge(other, one)]);
      if (merges.every(({ status }) => status === 200)) return { end: one, ...before };
    }
    throw new Error('No two merges met.');
  }
});

describe('customers who are read as one', () => {
  it('have conversations that are merged into one', async () => {
    const customer = async (name: string): Promise<string> =>
      created(await cast.api.post('/v1/customers', { external_id: `${name} ${a}`, name })).id;
    const [first, second, third] = [await customer('first'), await customer('second'), await customer('third')];
    const [theirs, others, apart] = await Promise.all(
      [first, second, third].map((one) => conversation({ api: cast.api, customer: one })),
    );
    const mergeCustomers = async (id: string, into_id: string) =>
      expect((await cast.api.post(`/v1/customers/${id}/merge`, { into_id })).status).toBe(200);
    await mergeCustomers(first, second);
    expect(problem(await merge(theirs!, apart!)).code).toBe('customer_mismatch');
    expect((await merge(theirs!, others!)).status).toBe(200);
    await mergeCustomers(third, first);
    expect((await merge(apart!, theirs!)).body.into_id).toBe(others);
  });
});

describe('a fork', () => {
  it('has copies from a message on, which say what they are copies of', async () => {
    const sent: string[] = [];
    for (const text of ['One', 'Two', 'Three']) sent.push(created(await messageTo(a, cast, text)).id);
    const body = { message_id: sent[1], title: 'The other loom' };
    const { id, ...rest } = created(await cast.api.post(at(a, '/fork'), body));
    expect(rest).toEqual({ seq: 4, from_id: a, messages: 2 });
    expect(await textsOf(id)).toEqual(['Two', 'Three']);
    expect(await textsOf(a)).toEqual(['One', 'Two', 'Three']);
    const { data: copies } = (await cast.api.get(at(id, '/messages'))).body;
    const { data: originals } = (await cast.api.get(at(a, '/messages'))).body;
    expect(copies.map((one: { occurred_at: string }) => one.occurred_at)).toEqual(
      originals.slice(1).map((one: { occurred_at: string }) => one.occurred_at),
    );
    const ids = copies.map((one: { id: string }) => one.id);
    expect(new Set([...ids, ...sent]).size).toBe(5);
    const [made, forked] = await eventsOf(id);
    expect(made).toMatchObject({ type: 'conversation.created', data: { title: 'The other loom' } });
    expect(forked).toMatchObject({
      type: 'conversation.forked',
      data: { from_id: a, from_seq: 3, message_ids: ids, origin_ids: sent.slice(1) },
    });
    expect([await linksOf(id), await linksOf(a)]).toEqual([[['forked_from', a]], [['forked_to', id]]]);
    expect((await cast.api.get(at(id))).body).toMatchObject({ customer_id: cast.customer, status: 'open' });
  });

  it('loses what is redacted in the conversation that it is of, and so does a fork of it', async () => {
    const sent = created(await messageTo(a, cast, 'My card is 4111')).id;
    const once = created(await cast.api.post(at(a, '/fork'), { message_id: sent })).id;
    const twice = created(await cast.api.post(at(once, '/fork'), { at_seq: 1 })).id;
    expect(await textsOf(twice)).toEqual(['My card is 4111']);
    expect((await cast.api.post(at(a, `/messages/${sent}/redact`))).status).toBe(200);
    for (const id of [a, once, twice]) {
      const answers = [await cast.api.get(at(id, '/messages')), await cast.api.get(at(id, '/events'))];
      expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain('My card');
    }
    const later = created(await cast.api.post(at(a, '/fork'), { at_seq: 1 })).id;
    expect(await textsOf(later)).toEqual([]);
  });

  it('has no text that was redacted while it was made', async () => {
    for (let round = 0; round < 10; round++) {
      const source = await conversation();
      const sent = created(await messageTo(source, cast, 'My card is 4111')).id;
      const [fork] = await Promise.all([
        cast.api.post(at(source, '/fork'), { at_seq: 1 }),
        cast.api.post(at(source, `/messages/${sent}/redact`)),
      ]);
      expect(JSON.stringify(await eventsOf(created(fork).id))).not.toContain('My card');
    }
  });

  it('begins at a place, or with no message', async () => {
    for (const text of ['One', 'Two']) created(await messageTo(a, cast, text));
    expect(await textsOf(created(await cast.api.post(at(a, '/fork'), { at_seq: 3 })).id)).toEqual(['Two']);
    expect(await textsOf(created(await cast.api.post(at(a, '/fork'))).id)).toEqual([]);
    const elsewhere = created(await messageTo(b, cast)).id;
    expect(problem(await cast.api.post(at(a, '/fork'), { message_id: elsewhere })).code).toBe('unknown_reference');
    expect(problem(await cast.api.post(at(a, '/fork'), { at_seq: 99 })).code).toBe('unknown_reference');
  });
});
