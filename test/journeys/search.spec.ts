import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

interface Found {
  id: string;
  relevance: number;
  highlights: { part: string; message_id: string | null; pieces: { text: string; match: boolean }[] }[];
}

const conversation = async (fields: object = {}): Promise<string> => created(await conversationWith(cast, fields)).id;
const patch = (id: string, body: object) => cast.api.send('PATCH', `/v1/conversations/${id}`, body);
const search = (body: object) => cast.api.post('/v1/conversations/search', body);
const found = async (body: object): Promise<Found[]> => {
  const answer = await search(body);
  expect([answer.status, answer.body.code]).toEqual([200, undefined]);
  return answer.body.data;
};
const ids = async (body: object) => (await found(body)).map(({ id }) => id);
/** All pages of a search. */
async function pages(body: object, limit: number): Promise<string[][]> {
  const all: string[][] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { body: page } = await search({ ...body, limit, ...(cursor === undefined ? {} : { cursor }) });
    all.push(page.data.map(({ id }: Found) => id));
    cursor = page.next_cursor;
  }
  return all;
}

describe('a filter', () => {
  const channel = 'filtered';
  const inChannel = { field: 'channel', op: 'is', value: channel };
  let lamp: string;
  let desk: string;
  let chair: string;
  let label: string;
  beforeAll(async () => {
    lamp = await conversation({ channel, title: 'A lamp', external_id: 'F-1' });
    desk = await conversation({ channel, title: 'A desk', external_id: 'F-2' });
    chair = await conversation({ channel });
    label = created(await cast.api.post('/v1/labels', { name: 'Furniture' })).id;
    await patch(desk, { label_ids: [label], priority: 'urgent', assignee: { type: 'user', id: cast.user } });
    await patch(chair, { priority: 'low', status: 'closed' });
  });

  it.each<[string, () => object, () => string[]]>([
    ['status is', () => ({ field: 'status', op: 'is', value: 'open' }), () => [desk, lamp]],
    ['status is not', () => ({ field: 'status', op: 'is_not', value: 'open' }), () => [chair]],
    ['priority in', () => ({ field: 'priority', op: 'in', value: ['urgent', 'low'] }), () => [chair, desk]],
    ['nobody’s', () => ({ field: 'assignee', op: 'none' }), () => [chair, lamp]],
    ['somebody’s', () => ({ field: 'assignee', op: 'is', value: cast.user }), () => [desk]],
    ['label', () => ({ field: 'label', op: 'is', value: label }), () => [desk]],
    ['no label', () => ({ not: { field: 'label', op: 'any' } }), () => [chair, lamp]],
    ['another title', () => ({ field: 'title', op: 'is_not', value: 'A lamp' }), () => [chair, desk]],
    ['part of a title', () => ({ field: 'title', op: 'contains', value: 'LAMP' }), () => [lamp]],
    ['external ids', () => ({ field: 'external_id', op: 'not_in', value: ['F-1', 'F-3'] }), () => [chair, desk]],
    ['never closed', () => ({ field: 'closed_at', op: 'none' }), () => [desk, lamp]],
    ['closed since', () => ({ field: 'closed_at', op: 'after', value: '2020-01-01T00:00:00.000Z' }), () => [chair]],
    ['not locked', () => ({ field: 'locked', op: 'is', value: false }), () => [chair, desk, lamp]],
    [
      'or and not',
      () => ({
        or: [
          { field: 'priority', op: 'is', value: 'urgent' },
          {
            not: {
              or: [
                { field: 'status', op: 'is', value: 'open' },
                { field: 'label', op: 'is', value: label },
              ],
            },
          },
        ],
      }),
      () => [chair, desk],
    ],
  ])('by %s finds what it means', async (_, filter, expected) => {
    expect(await ids({ filter: { and: [inChannel, filter()] } })).toEqual(expected());
  });

  it('by company, tenant and merged customers finds those of whoever belongs there', async () => {
    const customer = async (name: string): Promise<string> =>
      created(await cast.api.post('/v1/customers', { external_id: name, name })).id;
    const [ada, bo] = [await customer('search-ada'), await customer('search-bo')];
    const [of, other] = await Promise.all(
      [ada, bo].map((customer_id) => conversation({ channel: 'belonging', customer_id })),
    );
    const organization = async (path: string): Promise<string> =>
      created(await cast.api.post(`/v1/${path}`, { external_id: 'search', name: 'Loom & Sons' })).id;
    const [company_id, tenant_id] = [await organization('companies'), await organization('tenants')];
    await cast.api.post(`/v1/customers/${ada}/join_company`, { company_id });
    await cast.api.post(`/v1/customers/${bo}/join_tenant`, { tenant_id });
    const belonging = { field: 'channel', op: 'is', value: 'belonging' };
    const within = async (filter: object) => (await ids({ filter: { and: [belonging, filter] } })).sort();
    expect(await within({ field: 'company', op: 'is', value: company_id })).toEqual([of]);
    expect(await within({ field: 'company', op: 'none' })).toEqual([other]);
    expect(await within({ field: 'tenant', op: 'in', value: [tenant_id] })).toEqual([other]);
    expect(await within({ not: { field: 'tenant', op: 'any' } })).toEqual([of]);
    for (const [query, expected] of [
      [`company=${company_id}`, of],
      [`tenant=${tenant_id}`, other],
    ]) {
      const { body } = await cast.api.get(`/v1/conversations?${query}`);
      expect(body.data.map(({ id }: Found) => id)).toEqual([expected]);
    }
    await cast.api.post(`/v1/customers/${ada}/leave_company`, { company_id });
    expect(await within({ field: 'company', op: 'any' })).toEqual([]);
    await cast.api.post(`/v1/customers/${ada}/merge`, { into_id: bo });
    for (const value of [ada, bo]) {
      expect(await within({ field: 'customer', op: 'is', value })).toEqual([of, other].sort());
      expect(await within({ field: 'customer', op: 'is_not', value })).toEqual([]);
    }
    expect(await within({ field: 'tenant', op: 'is', value: tenant_id })).toEqual([of, other].sort());
    expect(await within({ field: 'tenant', op: 'none' })).toEqual([]);
    const listed = (await cast.api.get(`/v1/conversations?tenant=${tenant_id}`)).body.data;
    expect(listed.map(({ id }: Found) => id).sort()).toEqual([of, other].sort());
  });

  it('counts, all or by group', async () => {
    const count = async (body: object) => (await cast.api.post('/v1/conversations/count', body)).body;
    expect(await count({ filter: inChannel })).toEqual({ count: 3, groups: null });
    expect(await count({ filter: inChannel, group_by: 'status' })).toEqual({
      count: 3,
      groups: [
        { value: 'open', count: 2 },
        { value: 'closed', count: 1 },
      ],
    });
    expect(await count({ filter: inChannel, group_by: 'assignee' })).toEqual({
      count: 3,
      groups: [
        { value: null, count: 2 },
        { value: { type: 'user', id: cast.user }, count: 1 },
      ],
    });
    expect(
      await count({ filter: { and: [inChannel, { field: 'locked', op: 'is', value: true }] }, group_by: 'team' }),
    ).toEqual({
      count: 0,
      groups: [],
    });
  });

  it('is also that of the list, and orders it', async () => {
    const list = async (query: string) => {
      const { body } = await cast.api.get(`/v1/conversations?channel=${channel}&${query}`);
      return body.data.map(({ id }: Found) => id);
    };
    expect(await list('sort=priority')).toEqual([desk, lamp, chair]);
    expect(await list('sort=priority&order=asc')).toEqual([chair, lamp, desk]);
    expect(await list('order=asc')).toEqual([lamp, desk, chair]);
    expect(await list('sort=updated_at')).toEqual([chair, desk, lamp]);
    expect(await list('created_after=2000-01-01T00:00:00.000Z&created_before=2001-01-01T00:00:00.000Z')).toEqual([]);
    expect(await list('updated_after=2000-01-01T00:00:00.000Z&assignee=none&status=open')).toEqual([lamp]);
  });

  it.each<[string, object, number, string]>([
    ['of an unknown value', { field: 'status', op: 'is', value: 'ajar' }, 400, 'invalid_request'],
    ['of another field’s operator', { field: 'priority', op: 'none' }, 400, 'invalid_request'],
    ['of no conditions', { and: [] }, 400, 'invalid_request'],
    [
      'of too many',
      { and: Array.from({ length: 2 }, () => ({ or: Array.from({ length: 60 }, () => inChannel) })) },
      422,
      'filter_too_complex',
    ],
  ])('%s is refused', async (_, filter, status, code) => {
    for (const path of ['search', 'count']) {
      expect(problem(await cast.api.post(`/v1/conversations/${path}`, { filter }))).toEqual({ status, code });
    }
  });
});

it.each(['search', 'count', 'bulk'])('is no conversation called %s, whatever is wanted of one', async (word) => {
  for (const method of ['GET', 'PATCH']) {
    const answer = await cast.api.send(method, `/v1/conversations/${word}`, method === 'GET' ? undefined : {});
    expect(problem(answer)).toEqual({ status: 405, code: 'method_not_allowed' });
    expect(answer.headers.get('allow')).toBe('POST');
  }
});

describe('pages', () => {
  const filter = { field: 'channel', op: 'is', value: 'paged' };
  const made: string[] = [];
  beforeAll(async () => {
    for (const priority of ['low', 'urgent', 'normal', 'urgent', 'low', 'high', 'normal']) {
      const id = await conversation({ channel: 'paged' });
      await patch(id, { priority });
      made.push(id);
    }
  });
  const of = (...places: number[]) => places.map((place) => made[place]);

  it('hold each conversation once, in their order, also where others come in between', async () => {
    expect((await pages({ filter, sort: 'priority' }, 2)).flat()).toEqual(of(3, 1, 5, 6, 2, 4, 0));
    expect((await pages({ filter, sort: 'created_at', order: 'asc' }, 3)).flat()).toEqual(made);
    const first = (await search({ filter, limit: 3 })).body;
    await conversation({ channel: 'paged' });
    const rest = (await search({ filter, limit: 9, cursor: first.next_cursor })).body;
    expect([...first.data, ...rest.data].map(({ id }: Found) => id)).toEqual(made.toReversed());
    expect(rest.next_cursor).toBeNull();
  });

  it('go on with the search that they came from, and with no other', async () => {
    const { next_cursor: cursor } = (await search({ filter, sort: 'priority', limit: 2 })).body;
    for (const other of [{ filter }, { filter, sort: 'priority', order: 'asc' }, { sort: 'priority' }]) {
      expect(problem(await search({ ...other, cursor }))).toEqual({ status: 400, code: 'invalid_cursor' });
    }
    const stranger = await journey.cast();
    const stolen = await stranger.api.post('/v1/conversations/search', { filter, sort: 'priority', cursor });
    expect(problem(stolen)).toEqual({ status: 400, code: 'invalid_cursor' });
  });

  it('are in the order of the last messages', async () => {
    await messageTo(made[0]!, cast);
    const { headers } = await messageTo(made[4]!, cast);
    const wait_for = headers.get('heddle-position');
    expect((await ids({ filter, sort: 'last_message_at', wait_for })).slice(0, 2)).toEqual(of(4, 0));
  });

  it('are in the order of the last messages in the list, too, from the place that is waited for', async () => {
    for (const place of [2, 5, 1, 6]) {
      const { headers } = await messageTo(made[place]!, cast);
      const query = `channel=paged&sort=last_message_at&wait_for=${headers.get('heddle-position')}`;
      const { status, body } = await cast.api.get(`/v1/conversations?${query}`);
      expect([status, body.data?.[0].id]).toEqual([200, made[place]]);
    }
    const { status, body } = await cast.api.get('/v1/conversations?wait_for=AQ');
    expect([status, body.code]).toEqual([400, 'invalid_cursor']);
  });
});

describe('full text', () => {
  /** Says something, and returns the conversation's id and where it stands in the log. */
  async function said(text: string, fields: object = {}): Promise<{ id: string; position: string }> {
    const id = await conversation(fields);
    const { headers } = await messageTo(id, cast, text);
    return { id, position: headers.get('heddle-position')! };
  }
  const finds = async (text: string, position: string, more: object = {}) => ids({ text, wait_for: position, ...more });

  it('is found by whoever wrote it, with the places in it', async () => {
    const { id, position } = await said('My quokka cannot find the loom that we ordered.');
    const [one, ...others] = await found({ text: 'quokka loom', wait_for: position });
    expect(others).toEqual([]);
    expect(one).toMatchObject({ id, relevance: expect.any(Number) });
    expect(one!.relevance).toBeGreaterThan(0);
    const [highlight] = one!.highlights;
    expect(highlight).toMatchObject({ part: 'message', message_id: expect.stringMatching(/^msg_/) });
    expect(highlight!.pieces.filter(({ match }) => match).map(({ text }) => text)).toEqual(['quokka', 'loom']);
    expect(highlight!.pieces.map(({ text }) => text).join('')).toBe('My quokka cannot find the loom that we ordered');
    expect((await cast.api.post('/v1/conversations/count', { text: 'quokka loom' })).body.count).toBe(1);
  });

  it.each([
    ['en', 'She was weaving two blankets for the festival', 'weave blanket'],
    ['de', 'Die Lieferungen sind bei uns noch nicht angekommen', 'Lieferung'],
    ['fr', 'Nous avons commandé des chevaux de bois pour les enfants', 'commander'],
    ['es', 'No tengo las facturas que pedí para mi empresa', 'factura'],
    ['it', 'Non ho ancora ricevuto le fotografie della tenda', 'fotografia'],
    ['pt', 'Não recebi as encomendas que fiz para a minha loja', 'encomenda'],
    ['nl', 'Ik heb de fietsen nog niet ontvangen van jullie', 'fiets'],
    ['sv', 'Jag har inte fått mina beställningar och är ledsen', 'beställning'],
    ['da', 'Jeg har ikke fået mine bestillinger af jer efter to uger', 'bestilling'],
    ['no', 'Jeg har ikke fått noen bekreftelser fra dere etter to uker', 'bekreftelse'],
    ['fi', 'En ole saanut kirjettä, ja minun pitäisi saada se nyt', 'kirje'],
    ['ru', 'Я не получил посылки и мне никто не отвечает', 'посылка'],
  ])('is found in %s by another form of its words', async (_, text, asked) => {
    const { id, position } = await said(text);
    expect(await finds(asked, position)).toContain(id);
  });

  it('is found by phrases, by beginnings, and without words that must not be there', async () => {
    const one = await said('A purple wombat sleeps');
    const two = await said('A wombat in purple pyjamas');
    expect((await finds('purple wombat', two.position)).sort()).toEqual([one.id, two.id].sort());
    expect(await finds('"purple wombat"', two.position)).toEqual([one.id]);
    expect(await finds('wombat -pyjamas', two.position)).toEqual([one.id]);
    expect(await finds('pyja*', two.position)).toEqual([two.id]);
    expect(await finds('pyja', two.position)).toEqual([]);
    for (const nothing of ['-wombat', "' & | ! :*", '%', '"']) expect(await finds(nothing, two.position)).toEqual([]);
  });

  it('in a title comes before one in a message', async () => {
    const inText = await said('Where is the narwhal?');
    const inTitle = await said('Where is it?', { title: 'A narwhal' });
    expect(await finds('narwhal', inTitle.position)).toEqual([inTitle.id, inText.id]);
    const { headers } = await patch(inTitle.id, { title: 'A walrus' });
    expect(await finds('narwhal', headers.get('heddle-position')!)).toEqual([inText.id]);
    expect(await finds('walrus', headers.get('heddle-position')!)).toEqual([inTitle.id]);
  });

  it('is narrowed by a filter, ordered as asked for, and comes in pages', async () => {
    const made: string[] = [];
    let position = '';
    for (let n = 0; n < 5; n++) {
      const one = await said(n === 2 ? 'capybara capybara capybara' : 'A capybara, and much more than that', {
        channel: n === 4 ? 'chat' : 'email',
      });
      made.push(one.id);
      position = one.position;
    }
    const filter = { field: 'channel', op: 'is', value: 'email' };
    expect(await finds('capybara', position, { filter, sort: 'created_at' })).toEqual(made.slice(0, 4).toReversed());
    expect((await finds('capybara', position))[0]).toBe(made[2]);
    const inPages = await pages({ text: 'capybara' }, 2);
    expect(inPages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(inPages.flat().sort()).toEqual(made.toSorted());
    expect(inPages.flat()).toEqual(await finds('capybara', position));
  });

  it('is shown as plain text, whatever marks it has, and in as many places as wanted', async () => {
    const { id, position } = await said('<b>axolotl</b> & \u0002axolotl\u0003');
    const [one] = await found({ text: 'axolotl', wait_for: position });
    expect(one!.id).toBe(id);
    const [{ pieces }] = one!.highlights as [Found['highlights'][number]];
    expect(pieces.filter(({ match }) => match)).toEqual([
      { text: 'axolotl', match: true },
      { text: 'axolotl', match: true },
    ]);
    // Tags are words of no language, and left out.
    expect(pieces.map(({ text }) => text).join('')).toMatch(/^axolotl\s+& axolotl$/);
    await messageTo(id, cast, 'another axolotl');
    const { headers } = await messageTo(id, cast, 'a third axolotl');
    const [none] = await found({ text: 'axolotl', highlights: 0, wait_for: headers.get('heddle-position') });
    const [two] = await found({ text: 'axolotl', highlights: 2 });
    expect([none!.highlights.length, two!.highlights.length]).toEqual([0, 2]);
  });

  it('is shown in fewer places where many conversations are asked for, and looked for where a text begins', async () => {
    const { id } = await said('One cormorant.');
    const { headers } = await messageTo(id, cast, 'Another cormorant.');
    const wait_for = headers.get('heddle-position');
    for (const [limit, places] of [
      [500, 2],
      [1000, 1],
    ]) {
      const [one] = await found({ text: 'cormorant', highlights: 10, limit, wait_for });
      expect([one!.id, one!.highlights.length]).toEqual([id, places]);
    }
    const late = await said(`${'reed '.repeat(4500)} kittiwake`);
    const [only] = await found({ text: 'kittiwake', wait_for: late.position });
    expect(only!.id).toBe(late.id);
    expect(only!.highlights.flatMap(({ pieces }) => pieces).filter(({ match }) => match)).toEqual([]);
  });

  it('is what a message says now; of a redacted one nothing is found or shown', async () => {
    const { id } = await said('A flock of flamingos');
    const [message] = (await cast.api.get(`/v1/conversations/${id}/messages`)).body.data;
    const at = `/v1/conversations/${id}/messages/${message.id}`;
    const edited = await cast.api.send('PATCH', at, { text: 'A flock of spoonbills' });
    expect(edited.status).toBe(200);
    const afterEdit = edited.headers.get('heddle-position')!;
    expect([await finds('flamingo', afterEdit), await finds('spoonbill', afterEdit)]).toEqual([[], [id]]);
    const redacted = await cast.api.post(`${at}/redact`);
    expect(redacted.status).toBe(200);
    const afterAll = redacted.headers.get('heddle-position')!;
    for (const word of ['flamingo', 'spoonbill', 'redacted']) expect(await finds(word, afterAll)).toEqual([]);
  });

  it('of a note is told apart, and left out where it is not wanted', async () => {
    const id = await conversation();
    const note = { author: { type: 'user', id: cast.user }, type: 'note', text: 'Between us: a pangolin' };
    const { headers } = await cast.api.post(`/v1/conversations/${id}/messages`, note);
    const wait_for = headers.get('heddle-position')!;
    const [one] = await found({ text: 'pangolin', wait_for });
    expect(one).toMatchObject({ id, highlights: [{ part: 'note' }] });
    expect(await finds('pangolin', wait_for, { notes: false })).toEqual([]);
    expect((await cast.api.post('/v1/conversations/count', { text: 'pangolin', notes: false })).body.count).toBe(0);
  });

  it('of another workspace is not found', async () => {
    const { id, position } = await said('The secret okapi');
    const stranger = await journey.cast();
    const answer = await stranger.api.post('/v1/conversations/search', { text: 'okapi', wait_for: position });
    expect(answer.body.data).toEqual([]);
    expect(await finds('okapi', position)).toEqual([id]);
  });
});

it.each([
  [{ field: 'status', op: 'is', value: 'red' }, '/body/filter/value', /"open"/],
  [{ field: 'colour', op: 'is', value: 'red' }, '/body/filter/field', /status, .*custom_field/],
  [{ and: [{ not: { field: 'status', op: 'contains', value: 'o' } }] }, '/body/filter/and/0/not/op', /is, is_not, in/],
])('of the filter %j is refused with the place and what may stand there', async (filter, pointer, message) => {
  const answer = await search({ filter });
  expect(problem(answer)).toEqual({ status: 400, code: 'invalid_request' });
  expect(answer.body.errors).toEqual([{ pointer, message: expect.stringMatching(message) }]);
  const view = await cast.api.post('/v1/views', { name: 'Wrong', filter });
  expect(view.body.errors).toEqual(answer.body.errors);
});

it('that waits for no cursor is told so', async () => {
  const answer = await search({ wait_for: 'zzz' });
  expect(problem(answer)).toEqual({ status: 400, code: 'invalid_cursor' });
  expect(answer.body.detail).toMatch(/`wait_for`.*`Heddle-Position`/);
});
