import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let id: string;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  id = created(await conversationWith(cast)).id;
  await messageTo(id, cast);
});
afterAll(() => journey.end());

const SAME = ['2040-01-02T09:00:00Z', '2040-01-02T09:00:00.000Z', '2040-01-02T14:30:00.0001+05:30'];

it.each(SAME)('%s is a time of a request, and the answer has it in UTC with milliseconds', async (time) => {
  const at = `/v1/conversations/${created(await conversationWith(cast)).id}`;
  expect((await cast.api.post(`${at}/snooze`, { until: time })).status).toBe(200);
  expect((await cast.api.get(at)).body.snoozed_until).toBe('2040-01-02T09:00:00.000Z');
});

it.each(SAME)('%s is a past, a filter and a condition', async (time) => {
  const query = new URLSearchParams({ at: time });
  expect((await cast.api.get(`/v1/conversations/${id}?${query}`)).body.id).toBe(id);
  const list = await cast.api.get(`/v1/conversations?${new URLSearchParams({ created_before: time })}`);
  expect(list.body.data.map((one: { id: string }) => one.id)).toContain(id);
  const filter = { field: 'created_at', op: 'before', value: time };
  const found = await cast.api.post('/v1/conversations/search', { filter });
  expect(found.body.data.map((one: { id: string }) => one.id)).toContain(id);
});

it.each(['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-12:00'])(
  '%s, outside of the years of an answer, is one',
  async (time) => {
    const query = new URLSearchParams({ created_after: time });
    expect((await cast.api.get(`/v1/conversations?${query}`)).status).toBe(200);
  },
);

it.each(['tomorrow', '2040-01-02T09:00Z', '2040-01-02', '2040-01-02T09:00:00', '2040-13-02T09:00:00Z'])(
  '%s is none',
  async (time) => {
    const answer = await cast.api.post(`/v1/conversations/${id}/snooze`, { until: time });
    expect(problem(answer)).toEqual({ status: 400, code: 'invalid_request' });
    expect(JSON.stringify(answer.body)).toContain('is not a time of RFC 3339, such as 2026-11-22T08:05:10Z');
  },
);
