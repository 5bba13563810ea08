import pg from 'pg';
import { type Cast, conversationWith, created, Journey, messageTo, problem } from './journey.js';

let journey: Journey;
let cast: Cast;
beforeAll(async () => {
  journey = await Journey.begin();
  cast = await journey.cast();
});
afterAll(() => journey.end());

/**
 * What a restore of an older copy into another cluster leaves: the last events are gone, and the recorded system
 * identifier is not this cluster's.
 */
async function loseTheLast(count: number): Promise<void> {
  const admin = new pg.Client({ connectionString: journey.database.url });
  await admin.connect();
  await admin.query(
    `with lost as (delete from log.events where position > (select max(position) from log.events) - $1
                   returning stream, seq)
     update log.streams s set version = s.version - l.n
       from (select stream, count(*)::integer as n from lost group by stream) l where l.stream = s.stream`,
    [count],
  );
  await admin.query(
    'delete from conversation.messages m where not exists (select from log.events e where (e.stream, e.seq) = (m.conversation, m.seq))',
  );
  // A projection in a database of its own would stand past the log's end, and stop; here it was restored, too.
  await admin.query('truncate analytics.conversation_facts');
  await admin.query('update analytics.projections set next = 1');
  await admin.query("update log.epochs set system_identifier = '1'");
  await admin.end();
}

it('tells clients whose cursors saw what was undone, and lets the others go on', async () => {
  const { id } = created(await conversationWith(cast));
  const place = async (text: string) => (await messageTo(id, cast, text)).headers.get('heddle-position')!;
  const kept = await place('kept');
  const lost = [await place('lost'), await place('lost')];
  await journey.restart(() => loseTheLast(2));
  // Positions are given again: without an epoch the old cursor would skip what is new.
  const again = await place('new');
  expect(Buffer.from(again, 'base64url').subarray(7)).toEqual(Buffer.from(lost[0]!, 'base64url').subarray(7));
  const events = (cursor: string) => cast.api.get(`/v1/conversations/${id}/events?cursor=${cursor}`);
  const facts = (cursor: string) => cast.api.get(`/v1/analytics/conversations/${id}?wait_for=${cursor}`);
  for (const cursor of lost) {
    const answers = [await events(cursor), await facts(cursor)];
    expect(answers.map(problem)).toEqual(answers.map(() => ({ status: 409, code: 'cursor_diverged' })));
    expect(answers[0]!.body.detail).toMatch(/restored to position \d+/);
  }
  const { data } = (await events(kept)).body;
  expect(data.map(({ data }: { data: { text: string } }) => data.text)).toEqual(['new']);
  expect((await events(again)).body.data).toEqual([]);
  expect((await facts(again)).body.messages).toBe(2);
  expect((await facts(kept)).status).toBe(200);
}, 120_000);
