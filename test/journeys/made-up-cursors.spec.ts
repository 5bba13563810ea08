import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
let id: string;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
  for (let n = 0; n < 3; n++) {
    ({ id } = created(await conversationWith(cast, { title: 'A lamp' })));
    created(await messageTo(id, cast, 'first'));
  }
  for (let n = 0; n < 3; n++) created(await messageTo(id, cast, `${n}`));
  const { headers } = await messageTo(id, cast, 'last');
  const found = await searched({ text: 'lamp', wait_for: headers.get('heddle-position') });
  expect(found.body.data).toHaveLength(3);
});
afterAll(() => journey.end());

/** A cursor as it was given, with something else written into it. */
function changed(cursor: string, write: (bytes: Buffer) => unknown): string {
  const bytes = Buffer.from(cursor, 'base64url');
  write(bytes);
  return bytes.toString('base64url');
}
const INVALID = { status: 400, code: 'invalid_cursor' };
const BINDING_BYTES = 6;

const searched = (body: object) => cast.api.post('/v1/conversations/search', body);

// Caught when: what a cursor says goes into a statement that cannot hold it.
it.each([
  ['created_at', Number.NaN],
  ['created_at', Number.POSITIVE_INFINITY],
  ['updated_at', 8.64e15],
  ['last_message_at', -8.64e15],
  ['last_message_at', 1e300],
  ['priority', 1.5],
  ['priority', 2 ** 31],
  ['priority', Number.NaN],
  ['relevance', 1e300],
  ['relevance', 1e-300],
  ['relevance', Number.NaN],
])('by %s, a search does not go on at %d', async (sort, place) => {
  for (const direction of ['asc', 'desc']) {
    const body = { text: 'lamp', sort, order: direction, limit: 1 };
    const first = await searched(body);
    expect([first.status, first.body.data?.length]).toEqual([200, 1]);
    const { next_cursor: given } = first.body;
    const cursor = changed(given, (bytes) => bytes.writeDoubleBE(place, BINDING_BYTES));
    expect(problem(await searched({ ...body, cursor }))).toEqual(INVALID);
    expect((await searched({ ...body, cursor: given })).status).toBe(200);
  }
});

it('the messages and the rows of a job do not go on at a number that none has', async () => {
  const ids = (await searched({ limit: 3 })).body.data.map((one: { id: string }) => one.id);
  const job = (await cast.api.post('/v1/conversations/bulk', { ids, patch: { priority: 'low' } })).body.id;
  for (const path of [`/v1/conversations/${id}/messages`, `/v1/jobs/${job}/rows`]) {
    const given = (await cast.api.get(`${path}?limit=1`)).body.next_cursor;
    expect((await cast.api.get(`${path}?limit=1&cursor=${given}`)).status).toBe(200);
    for (const number of [0x8000_0000, 0xffff_ffff]) {
      const cursor = changed(given, (bytes) => bytes.writeUInt32BE(number, BINDING_BYTES));
      expect(problem(await cast.api.get(`${path}?limit=1&cursor=${cursor}`))).toEqual(INVALID);
    }
  }
});

it('the events do not go on at a place that no log has', async () => {
  const path = `/v1/conversations/${id}/events`;
  const given = (await cast.api.get(`${path}?limit=1`)).body.next_cursor;
  const beyond = changed(given, (bytes) => bytes.writeBigUInt64BE(2n ** 64n - 1n, 7));
  expect(problem(await cast.api.get(`${path}?cursor=${beyond}`))).toEqual({ status: 409, code: 'cursor_diverged' });
  const unheardOf = changed(given, (bytes) => bytes.writeUInt32BE(0xffff_ffff, 15));
  expect(problem(await cast.api.get(`${path}?cursor=${unheardOf}`))).toEqual(INVALID);
});
