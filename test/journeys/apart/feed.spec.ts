import pg from 'pg';
import { until } from '../../../libs/platform/testing/until.js';
import { conversationWith, created, Journey, messageTo } from '../journey.js';

let journey: Journey;
let sql: pg.Client;
beforeAll(async () => {
  journey = await Journey.begin();
  sql = new pg.Client({ connectionString: journey.database.url });
  await sql.connect();
});
afterAll(async () => {
  await sql.end();
  await journey.end();
});

const last = async (query: string) => Number((await sql.query<{ last: string }>(query)).rows[0]!.last);

it('holds, from Kafka alone, every event of the store at its position, and is readable to the end', async () => {
  const cast = await journey.cast();
  for (let i = 0; i < 5; i++) {
    const { id } = created(await conversationWith(cast));
    for (let j = 0; j < 5; j++) created(await messageTo(id, cast, `Message ${j}`));
  }
  const end = await last('select max(position)::text as last from log.events');
  await until(async () => (await last('select through::text as last from feed.readable')) >= end);
  const { rows } = await sql.query(
    `select s.position, s.type, f.type as "inFeed" from log.events s full join feed.log f using (position)
      where position <= $1 and (s.stream, s.seq, s.workspace, s.type, s.schema_fingerprint, s.payload)
            is distinct from (f.stream, f.seq, f.workspace, f.type, f.schema_fingerprint, f.payload)`,
    [end],
  );
  expect(rows).toEqual([]);
  const { rows: letters } = await sql.query('select * from feed.dead_letters');
  expect(letters).toEqual([]);
}, 120_000);
