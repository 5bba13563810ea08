import { newId } from '../kernel/id.js';
import { messageCount } from './message-count.fixture.js';
import { type Bench, message, messages, openBench } from './projection-bench.fixture.js';
import { verify } from './verify.js';

const streams = Array.from({ length: 10 }, () => newId('conv'));
let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
  for (let i = 0; i < 5; i++) await bench.writer.append(streams.map((stream) => message(stream)));
  const follower = bench.follow();
  expect(await follower.waitFor('message_count', 50, 60_000)).toBe(true);
});
afterEach(() => bench.close());

const check = () => verify(bench.url, messageCount, bench.replaying);
const first = streams[0]!.slice(5);
const dashed = first.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const example = [`(${dashed})`];

it('passes where the live rows are what the log gives, and leaves nothing behind', async () => {
  expect(await check()).toEqual({
    equal: true,
    position: 50,
    events: 50,
    rows: 10,
    seconds: expect.any(Number),
    differences: [],
    failing: [],
  });
  const { rows } = await bench.admin.query("select 1 from pg_namespace where nspname like '%rebuild%'");
  expect(rows).toEqual([]);
});

it('finds an altered row', async () => {
  await bench.admin.query('update analytics.message_count set messages = messages + 1 where stream = $1', [first]);
  expect(await check()).toMatchObject({
    equal: false,
    differences: [{ missing: 0, extra: 0, altered: 1, examples: { altered: example } }],
  });
});

it('finds an altered value in any column', async () => {
  await bench.admin.query('update analytics.message_count set greatest_author = workspace where stream = $1', [first]);
  expect(await check()).toMatchObject({ equal: false, differences: [{ altered: 1 }] });
});

it('finds a lost row', async () => {
  await bench.admin.query('delete from analytics.message_count where stream = $1', [first]);
  expect(await check()).toMatchObject({
    equal: false,
    differences: [{ missing: 1, extra: 0, altered: 0, examples: { missing: example } }],
  });
});

it('finds a row that no event made', async () => {
  await bench.admin.query('update analytics.message_count set stream = workspace where stream = $1', [first]);
  expect(await check()).toMatchObject({ equal: false, differences: [{ missing: 1, extra: 1, altered: 0 }] });
});

it('finds a cursor that was set past events that were not applied', async () => {
  await bench.close();
  bench = await openBench();
  await bench.writer.append(messages(20));
  await bench.admin.query(
    "insert into analytics.projections (name, partition, next) values ('message_count', 'log', 11)",
  );
  const follower = bench.follow();
  expect(await follower.waitFor('message_count', 20, 60_000)).toBe(true);
  expect(await check()).toMatchObject({ equal: false, differences: [{ altered: 1, missing: 0, extra: 0 }] });
});

it('is exact while events are appended and followed', async () => {
  let appending = true;
  const appends = (async () => {
    for (let i = 0; appending; i++) await bench.writer.append([message(streams[i % 10]!), message(newId('conv'))]);
  })();
  for (let i = 0; i < 6; i++) expect(await check()).toMatchObject({ equal: true, differences: [] });
  appending = false;
  await appends;
}, 120_000);

it('knows of dead letters, waiting and re-driven', async () => {
  await bench.admin.query('alter table analytics.message_count add constraint few check (messages <= 5)');
  const follower = bench.follow();
  await bench.writer.append([message(streams[0]!), message(streams[1]!), message(newId('conv'))]);
  expect(await follower.waitFor('message_count', 53, 60_000)).toBe(true);
  expect(await bench.deadLetters()).toHaveLength(2);
  expect(await check()).toMatchObject({ equal: true, events: 51 });
  await bench.admin.query('alter table analytics.message_count drop constraint few');
  expect(await check()).toMatchObject({ equal: true, events: 51 });
  await follower.redrive('message_count', 51);
  expect(await check()).toMatchObject({ equal: true, events: 52 });
}, 120_000);
