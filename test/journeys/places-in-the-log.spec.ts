import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

const seqs = (data: { seq: number }[]) => data.map(({ seq }) => seq);

// Caught when: the seq that a cursor carries is taken for this stream's, whatever stream it was given on.
it('a cursor of one conversation stands at the same place of the log on another', async () => {
  const [one, other] = [created(await conversationWith(cast)).id, created(await conversationWith(cast)).id];
  for (let i = 0; i < 4; i++) created(await messageTo(one, cast, `${i}`));
  const { next_cursor: cursor } = (await cast.api.get(`/v1/conversations/${one}/events?limit=4`)).body;
  for (let i = 0; i < 6; i++) created(await messageTo(other, cast, `${i}`));

  const after = (await cast.api.get(`/v1/conversations/${other}/events?cursor=${cursor}`)).body;
  expect(seqs(after.data)).toEqual([2, 3, 4, 5, 6, 7]);
  const here = (await cast.api.get(`/v1/conversations/${one}/events?cursor=${cursor}`)).body;
  expect(seqs(here.data)).toEqual([5]);
});

// Caught when: a place that the log has not reached is answered as its end.
it('a cursor beyond the end of the log is from a part that was undone', async () => {
  const { id } = created(await conversationWith(cast));
  created(await messageTo(id, cast, 'one'));
  const given = (await cast.api.get(`/v1/conversations/${id}/events?limit=1`)).body.next_cursor;
  const bytes = Buffer.from(given, 'base64url');
  bytes.writeBigUInt64BE(999_999n, 7);
  const beyond = bytes.toString('base64url');
  const answers = [
    await cast.api.get(`/v1/conversations/${id}/events?cursor=${beyond}`),
    await cast.api.get(`/v1/analytics/conversations/${id}?wait_for=${beyond}`),
  ];
  expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 409, code: 'cursor_diverged' })));
});
