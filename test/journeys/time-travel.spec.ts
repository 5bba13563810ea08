import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { EventReader } from './event-stream.js';
import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';
import { SHAPE } from './shapes.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

/** A conversation in which much happens, one thing after the other; what it was after each of them. */
async function lived() {
  const { id } = created(await conversationWith(cast, { title: 'Broken lamp', external_id: randomUUID() }));
  const at = `/v1/conversations/${id}`;
  const label_ids = [created(await cast.api.post('/v1/labels', { name: randomUUID() })).id as string];
  const detail = created(await cast.api.post('/v1/status_details', { status: 'closed', name: randomUUID() }))
    .id as string;
  const steps = [
    () => messageTo(id, cast, 'It does not shine'),
    () => cast.api.send('PATCH', at, { priority: 'high' }),
    () => cast.api.post(`${at}/assign`, { assignee: { type: 'user', id: cast.user } }),
    () => cast.api.send('PATCH', at, { label_ids }),
    () => cast.api.post(`${at}/close`, { status_detail_id: detail }),
    () => cast.api.send('PATCH', at, { title: 'Mended lamp' }),
    () => cast.api.post(`${at}/reopen`),
    () => cast.api.post(`${at}/snooze`, { until: '2031-01-01T00:00:00.000Z' }),
    () => cast.api.post(`${at}/lock`),
    () => cast.api.post(`${at}/unlock`),
    () => cast.api.send('PATCH', at, { assignee: null, label_ids: [] }),
    () => messageTo(id, cast, 'It shines again'),
  ];
  const read = async () => {
    const conversation = (await cast.api.get(`${at}?messages=10`)).body;
    const { body: messages } = await cast.api.get(`${at}/messages`);
    const now = new Date().toISOString();
    // What follows must not happen in the same millisecond.
    await new Promise((resolve) => setTimeout(resolve, 5));
    return { conversation, messages, now };
  };
  const states = [await read()];
  for (const step of steps) {
    expect((await step()).status).toBeLessThan(300);
    // The times of what follows are later, by the clock of whoever writes.
    await new Promise((resolve) => setTimeout(resolve, 5));
    states.push(await read());
  }
  return { id, at, states };
}

describe('a conversation as it was', () => {
  let it_: Awaited<ReturnType<typeof lived>>;
  beforeAll(async () => {
    it_ = await lived();
  });

  it('after so many events is what it was then', async () => {
    for (const { conversation, messages } of it_.states) {
      const answer = await cast.api.get(`${it_.at}?messages=10&seq=${conversation.seq}`);
      expect([answer.status, answer.body]).toEqual([200, conversation]);
      expect(answer.headers.get('etag')).toBe(`"${conversation.seq}"`);
      expect((await cast.api.get(`${it_.at}/messages?seq=${conversation.seq}`)).body).toEqual(messages);
    }
  });

  it.each(['at', 'recorded_at'])('by %s is what it was then', async (by) => {
    for (const { conversation, messages, now } of it_.states) {
      expect((await cast.api.get(`${it_.at}?messages=10&${by}=${now}`)).body).toEqual(conversation);
      expect((await cast.api.get(`${it_.at}/messages?${by}=${now}`)).body).toEqual(messages);
    }
  });

  it('is the present one in the future', async () => {
    const now = (await cast.api.get(it_.at)).body;
    expect((await cast.api.get(`${it_.at}?at=2099-01-01T00:00:00.000Z`)).body).toEqual(now);
    expect((await cast.api.get(`${it_.at}?recorded_at=2099-01-01T00:00:00.000Z`)).body).toEqual(now);
  });

  it('was not, before it began, and has no seq that it has not reached', async () => {
    const before = '2001-01-01T00:00:00.000Z';
    for (const path of ['', '/messages', '/timeline']) {
      for (const by of ['at', 'recorded_at']) {
        const answer = await cast.api.get(`${it_.at}${path}?${by}=${before}`);
        expect(problem(answer)).toEqual({ status: 404, code: 'not_found' });
        expect(answer.body.detail).toContain(`no ${it_.id}`);
        expect(answer.body.detail).toContain(before);
      }
      const answer = await cast.api.get(`${it_.at}${path}?seq=1000`);
      expect(problem(answer)).toEqual({ status: 404, code: 'not_found' });
      expect(answer.body.detail).toContain(`${it_.states.at(-1)!.conversation.seq} events so far`);
    }
  });

  it('is one past at a time', async () => {
    for (const path of ['', '/messages', '/timeline']) {
      const answer = await cast.api.get(`${it_.at}${path}?seq=1&at=2019-06-01T00:00:00.000Z`);
      expect(problem(answer)).toEqual({ status: 422, code: 'ambiguous_past' });
    }
    expect(problem(await cast.api.get(`${it_.at}?at=yesterday`)).status).toBe(400);
    expect(problem(await cast.api.get(`${it_.at}?seq=0`)).status).toBe(400);
  });

  it('is nobody else’s', async () => {
    const stranger = await journey.cast();
    for (const query of ['?seq=1', '?at=2099-01-01T00:00:00.000Z']) {
      for (const path of ['', '/messages', '/timeline']) {
        expect(problem(await stranger.api.get(`${it_.at}${path}${query}`)).status).toBe(404);
      }
    }
  });
});

describe('the difference between two places', () => {
  let it_: Awaited<ReturnType<typeof lived>>;
  beforeAll(async () => {
    it_ = await lived();
  });
  const differ = async (query: string) => (await cast.api.get(`${it_.at}/diff?${query}`)).body;
  const seqAfter = (step: number) => it_.states[step]!.conversation.seq as number;

  it('names each field that differs, from what to what, by whom and when', async () => {
    const [from, to] = [seqAfter(1), seqAfter(6)];
    const diff = await differ(`from_seq=${from}&to_seq=${to}`);
    const [before, after] = [it_.states[1]!.conversation, it_.states[6]!.conversation];
    const differing = Object.keys(after)
      .filter((field) => !['seq', 'updated_at', 'messages'].includes(field))
      .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
    expect(diff).toMatchObject({ conversation_id: it_.id, from_seq: from, to_seq: to, messages: [] });
    expect(diff.fields.map(({ field }: { field: string }) => field).sort()).toEqual(differing.sort());
    expect(differing).toEqual(
      expect.arrayContaining(['assignee', 'closed_at', 'label_ids', 'priority', 'status', 'status_detail_id', 'title']),
    );
    const events = (await cast.api.get(`${it_.at}/events`)).body.data;
    for (const one of diff.fields) {
      expect([one.field, one.from, one.to]).toEqual([one.field, before[one.field], after[one.field]]);
      const { seq, type, actor, occurred_at, recorded_at } = events[one.seq - 1];
      expect(one).toMatchObject({ seq, type, actor, occurred_at, recorded_at });
    }
  });

  it('has no field that came back, and the messages that were added', async () => {
    const diff = await differ(`from_seq=${seqAfter(2)}&to_seq=${seqAfter(12)}`);
    expect(diff.fields.map(({ field }: { field: string }) => field)).not.toContain('assignee');
    const last = it_.states.at(-1)!.messages.data.at(-1);
    expect(diff.messages).toMatchObject([{ change: 'added', message_id: last.id, seq: last.seq }]);
    expect(diff.more_messages).toBe(false);
  });

  it('is everything from the beginning to now, where nothing is said', async () => {
    const diff = await differ('');
    expect([diff.from_seq, diff.to_seq]).toEqual([0, it_.states.at(-1)!.conversation.seq]);
    expect(diff.fields.find(({ field }: { field: string }) => field === 'customer_id')).toMatchObject({
      from: null,
      to: cast.customer,
      seq: 1,
    });
    expect(diff.messages).toHaveLength(2);
    expect((await differ('from_seq=3&to_seq=3')).fields).toEqual([]);
  });

  it('has an order, and an end', async () => {
    const answer = (query: string) => cast.api.get(`${it_.at}/diff?${query}`);
    expect(problem(await answer('from_seq=3&to_seq=2'))).toEqual({ status: 422, code: 'reversed_range' });
    expect(problem(await answer('to_seq=1000'))).toEqual({ status: 404, code: 'not_found' });
    expect(problem(await answer('from_seq=1000'))).toEqual({ status: 404, code: 'not_found' });
  });
});

describe('a message that was edited and redacted', () => {
  let id: string;
  let path: string;
  let message: string;
  const texts = async (query: string) =>
    (await cast.api.get(`${path}/messages?${query}`)).body.data.map(({ text }: { text: string }) => text);
  beforeEach(async () => {
    id = created(await conversationWith(cast)).id;
    path = `/v1/conversations/${id}`;
    message = created(await messageTo(id, cast, 'CANARY one')).id;
    await messageTo(id, cast, 'Another');
    expect((await cast.api.send('PATCH', `${path}/messages/${message}`, { text: 'CANARY two' })).status).toBe(200);
    const reaction = { author: { type: 'user', id: cast.user }, emoji: '👍' };
    expect((await cast.api.post(`${path}/messages/${message}/react`, reaction)).status).toBe(200);
  });

  it('says in each past what it said then', async () => {
    expect(await texts('seq=2')).toEqual(['CANARY one']);
    expect(await texts('seq=3')).toEqual(['CANARY one', 'Another']);
    expect(await texts('seq=4')).toEqual(['CANARY two', 'Another']);
    const past = (await cast.api.get(`${path}/messages?seq=5`)).body;
    expect(past).toEqual((await cast.api.get(`${path}/messages`)).body);
    expect(past.data[0].reactions).toHaveLength(1);
    expect((await cast.api.get(`${path}?messages=2&seq=4`)).body.messages[0]).toMatchObject({ reactions: [] });
  });

  it('is redacted in every past, and nowhere to be read', async () => {
    expect((await cast.api.post(`${path}/messages/${message}/redact`)).status).toBe(200);
    for (const seq of [2, 3, 4, 5, 6]) expect((await texts(`seq=${seq}`))[0]).toBe('redacted');
    const present = (await cast.api.get(`${path}/messages`)).body;
    expect((await cast.api.get(`${path}/messages?seq=6`)).body).toEqual(present);
    const at = new Date().toISOString();
    for (const query of ['seq=4', 'seq=6', `at=${at}`, `recorded_at=${at}`]) {
      for (const read of [`${path}?messages=9&${query}`, `${path}/messages?${query}`, `${path}/timeline?${query}`]) {
        const answer = await cast.api.get(read);
        expect(answer.status).toBe(200);
        expect(JSON.stringify(answer.body)).not.toContain('CANARY');
      }
    }
    const reader = await EventReader.open(cast.api, id);
    await reader.heardThrough(6);
    reader.cut();
    expect(JSON.stringify(reader.events)).not.toContain('CANARY');
    expect(reader.recorded[1].data.text).toBe('redacted');
  });

  it('differs by what was done to it, by whom and when', async () => {
    expect((await cast.api.post(`${path}/messages/${message}/redact`)).status).toBe(200);
    const { messages } = (await cast.api.get(`${path}/diff?from_seq=3`)).body;
    expect(messages.map(({ change, message_id, seq }: Record<string, unknown>) => [change, message_id, seq])).toEqual([
      ['edited', message, 4],
      ['reaction_added', message, 5],
      ['redacted', message, 6],
    ]);
    expect(messages[2]).toMatchObject({ type: 'message.redacted', actor: { type: 'api_key' } });
  });
});

it('reads a customer as they were', async () => {
  const external_id = randomUUID();
  const id = created(await cast.api.post('/v1/customers', { external_id, name: 'Ada' })).id;
  const path = `/v1/customers/${id}`;
  const first = (await cast.api.get(path)).body;
  const between = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await cast.api.post('/v1/customers', { external_id, name: 'Ada Lovelace' });
  const now = (await cast.api.get(path)).body;
  expect(now.name).toBe('Ada Lovelace');
  for (const query of [`?at=${between}`, `?recorded_at=${between}`, '?seq=1']) {
    const answer = await cast.api.get(path + query);
    expect([answer.status, answer.body, answer.headers.get('etag')]).toEqual([200, first, '"1"']);
  }
  expect((await cast.api.get(`${path}?seq=2`)).body).toEqual(now);
  expect(problem(await cast.api.get(`${path}?at=2001-01-01T00:00:00.000Z`))).toEqual({
    status: 404,
    code: 'not_found',
  });
  expect(problem(await cast.api.get(`${path}?seq=1&at=${between}`))).toEqual({ status: 422, code: 'ambiguous_past' });
});

/** Its messages are an hour apart, from the beginning of 2019 on. */
async function longConversation({ api }: Cast): Promise<string> {
  const messages = Array.from({ length: 1203 }, (_, n) => ({
    id: `m-${n}`,
    at: new Date(Date.UTC(2019, 0, 1) + n * 3_600_000).toISOString(),
    author: { type: n % 2 === 0 ? 'customer' : 'agent', id: `somebody-${n % 2}` },
    text: `Message ${n}`,
  }));
  const external = randomUUID();
  const line = { conversation: external, channel: 'email', customer: 'somebody-0', messages };
  const headers = { 'content-type': 'application/x-ndjson' };
  expect((await api.post('/v1/import', {}, { raw: `${JSON.stringify(line)}\n`, headers })).status).toBe(200);
  return (await api.get(`/v1/conversations?external_id=${external}`)).body.data[0].id;
}

it('reads whom a customer was merged into, and what they were known by, as it was', async () => {
  const external_id = randomUUID();
  const email = { kind: 'email', value: `${external_id}@example.org`, primary: true };
  const id = created(await cast.api.post('/v1/customers', { external_id, name: 'Ada', identities: [email] })).id;
  const path = `/v1/customers/${id}`;
  const alone = (query: string) => cast.api.get(`${path}?follow=false${query}`);
  const states = [(await alone('')).body];
  expect(states[0].identities).toMatchObject([{ value: email.value, primary: true }]);
  await cast.api.post(`${path}/merge`, { into_id: cast.customer });
  states.push((await alone('')).body);
  await cast.api.post(`${path}/unmerge`);
  states.push((await alone('')).body);
  expect(states.map(({ merged_into_id }) => merged_into_id)).toEqual([null, cast.customer, null]);
  const events = Number((await alone('')).headers.get('etag')!.replaceAll('"', ''));
  for (const [i, state] of states.entries()) {
    const { body } = await cast.api.get(`${path}?seq=${events - 2 + i}`);
    expect(body).toEqual(state);
  }
  expect((await cast.api.get(`${path}?seq=1`)).body.identities).toEqual([]);
});

describe('a long conversation', () => {
  let id: string;
  beforeAll(async () => {
    id = await longConversation(cast);
  }, 120_000);

  it('is read as of a time in pages, whatever was recorded since', async () => {
    const at = new Date(Date.UTC(2019, 0, 1) + 700 * 3_600_000).toISOString();
    const texts: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await cast.api.get(`/v1/conversations/${id}/messages?at=${at}&limit=300${cursor}`);
      texts.push(...body.data.map(({ text }: { text: string }) => text));
      if (body.next_cursor === null) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(texts).toEqual(Array.from({ length: 701 }, (_, n) => `Message ${n}`));
    const { body } = await cast.api.get(`/v1/conversations/${id}?at=${at}&messages=2`);
    expect(body.messages.map(({ text }: { text: string }) => text)).toEqual(['Message 699', 'Message 700']);
    // Heddle knew of none of it then.
    expect(problem(await cast.api.get(`/v1/conversations/${id}?recorded_at=${at}`)).status).toBe(404);
  });

  it('does not take a cursor of another time', async () => {
    const page = (query: string) => cast.api.get(`/v1/conversations/${id}/messages?limit=5${query}`);
    const { next_cursor } = (await page('&seq=700')).body;
    expect(problem(await page(`&seq=701&cursor=${next_cursor}`))).toEqual({ status: 400, code: 'invalid_cursor' });
    expect(problem(await page(`&cursor=${next_cursor}`))).toEqual({ status: 400, code: 'invalid_cursor' });
    expect((await page(`&seq=700&cursor=${next_cursor}`)).body.data[0].text).toBe('Message 5');
  });
});

// Where several processes serve a key, each has a quota for it.
(SHAPE === 'whole' ? it : it.skip)(
  'costs more of the quota, the longer the conversation is',
  async () => {
    const own = await Journey.begin({ quota: 20 });
    try {
      const theirs = await own.cast();
      const long = await longConversation(theirs);
      const read = async (query: string) => {
        const { status, headers } = await theirs.api.get(`/v1/conversations/${long}?${query}`);
        return { status, left: Number(/;r=(\d+);/.exec(headers.get('ratelimit')!)![1]) };
      };
      const refilled = () => new Promise((resolve) => setTimeout(resolve, 1100));
      await refilled();
      expect((await read('seq=1')).left).toBe(19);
      await refilled();
      // One for the request, and one for each 100 events; while it is read, the bucket gets something back.
      expect((await read('at=2099-01-01T00:00:00.000Z')).left).toBeLessThan(19);
      const statuses: number[] = [];
      // Several at once: however long a busy machine takes for one, they want more than comes back meanwhile.
      for (let n = 0; n < 5 && !statuses.includes(429); n++) {
        const reads = Array.from({ length: 10 }, () => read('at=2099-01-01T00:00:00.000Z'));
        statuses.push(...(await Promise.all(reads)).map(({ status }) => status));
      }
      expect(statuses).toContain(429);
    } finally {
      await own.end();
    }
  },
  60_000,
);

const DATA = join(packageRoot, '..', 'shared', 'data', 'customer-care.ndjson');
const JUNE = '2019-06-01T00:00:00.000Z';

(existsSync(DATA) ? it : it.skip)(
  `reads the customer care data set as of ${JUNE}${existsSync(DATA) ? '' : ` (there is no ${DATA})`}`,
  async () => {
    interface Line {
      conversation: string;
      messages: { at: string; text: string; resolves?: boolean }[];
    }
    const raw = readFileSync(DATA, 'utf8');
    const own = await journey.cast();
    const headers = { 'content-type': 'application/x-ndjson' };
    expect((await own.api.post('/v1/import', {}, { raw, headers })).status).toBe(200);
    const lines = raw
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    const seen = { before: 0, within: 0, after: 0 };
    for (const { conversation, messages } of lines) {
      const { data } = (await own.api.get(`/v1/conversations?external_id=${conversation}`)).body;
      const path = `/v1/conversations/${data[0].id}`;
      const known = messages.filter(({ at }) => at <= JUNE);
      const past = await own.api.get(`${path}?at=${JUNE}&messages=1000`);
      if (messages[0]!.at > JUNE) {
        seen.before++;
        expect([conversation, problem(past).status]).toEqual([conversation, 404]);
        continue;
      }
      seen[known.length < messages.length ? 'within' : 'after']++;
      expect(past.body.messages.map(({ text }: { text: string }) => text)).toEqual(known.map(({ text }) => text));
      const closed = known.some(({ resolves }) => resolves === true);
      expect([conversation, past.body.status]).toEqual([conversation, closed ? 'closed' : 'open']);
    }
    expect(seen.before).toBeGreaterThan(0);
    expect(seen.after).toBeGreaterThan(0);
  },
  120_000,
);
