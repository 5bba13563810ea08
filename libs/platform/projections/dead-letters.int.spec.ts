import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { newId } from '../kernel/id.js';
import { Connection } from '../postgres/connection.js';
import { until } from '../testing/until.js';
import { ProjectionFold } from './fold.js';
import { messageCount } from './message-count.fixture.js';
import { type Bench, message, messages, openBench } from './projection-bench.fixture.js';
import { redrive } from './redrive.js';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const NO_UUID = 'usr_1234';

it('sets one event in the middle of a batch aside, and applies all others', async () => {
  const stream = newId('conv');
  await bench.writer.append([...messages(57, stream), message(stream, NO_UUID), ...messages(42, stream)]);
  const follower = bench.follow();
  expect(await follower.waitFor('message_count', 100, 60_000)).toBe(true);
  expect(await bench.counted()).toBe(99);
  expect(await bench.deadLetters()).toMatchObject([
    { projection: 'message_count', position: 58, type: 'message.created', attempts: 3, redriven_at: null },
  ]);
  expect(follower.status()).toMatchObject([{ state: 'following', deadLetters: 1 }]);
  expect(bench.troubles).toHaveLength(1);
});

it('sets aside what is no event, with its cause', async () => {
  const stream = newId('conv');
  const type = 'message.created';
  const schema = EVENT_SCHEMAS.find((one) => one.type === type)!;
  await bench.writer.append(messages(3));
  await bench.writer.appendEncoded([
    { fingerprint: Buffer.from(schema.fingerprint, 'hex'), payload: Buffer.from('x'), type, stream },
  ]);
  await bench.writer.append(messages(3));
  const follower = bench.follow();
  expect(await follower.waitFor('message_count', 7, 60_000)).toBe(true);
  expect(await bench.counted()).toBe(6);
  const cause = expect.stringMatching(/^MalformedEventError: .* message.created/);
  expect(await bench.deadLetters()).toMatchObject([{ position: 4, event_id: null, type: null, cause }]);
});

it('stops before what a newer version wrote, and sets nothing aside', async () => {
  const newer = { fingerprint: Buffer.alloc(16, 7), payload: Buffer.from('x'), type: 'message.created' };
  await bench.writer.append(messages(3));
  await bench.writer.appendEncoded([{ ...newer, stream: newId('conv') }]);
  await bench.writer.append(messages(3));
  const follower = bench.follow();
  await until(() => follower.status()[0]!.state === 'failing');
  expect(follower.status()).toMatchObject([
    { position: 3, deadLetters: 0, error: expect.stringMatching(/fingerprint 0707.*update this process/) },
  ]);
  expect([await bench.counted(), await bench.deadLetters()]).toEqual([3, []]);
});

it('stops before a type that only a newer version knows, where it keeps all that there are', async () => {
  const newer = { fingerprint: Buffer.alloc(16, 7), payload: Buffer.from('x'), type: 'message.invented' };
  await bench.writer.append(messages(3));
  await bench.writer.appendEncoded([{ ...newer, stream: newId('conv') }]);
  await bench.writer.append(messages(3));
  const follower = bench.follow({ projections: [{ ...messageCount, whole: true }] });
  await until(() => follower.status()[0]!.state === 'failing');
  expect(follower.status()).toMatchObject([{ position: 3, deadLetters: 0 }]);
  expect([await bench.counted(), (await bench.cursor()).next]).toEqual([3, 4]);
});

it('writes no value of an event into the cause', async () => {
  await bench.admin.query(`alter table analytics.message_count add check (messages < 1000),
    add column spare integer generated always as (1 / (5 - messages)) stored`);
  await bench.writer.append(messages(5));
  const follower = bench.follow();
  expect(await follower.waitFor('message_count', 5, 60_000)).toBe(true);
  const [letter] = await bench.deadLetters();
  expect(letter.cause).toBe('SQLSTATE 22012: division by zero');
});

it('stops, and empties no log into the dead letters, when every event fails', async () => {
  const project = () => {
    throw new TypeError('the program is wrong');
  };
  const follower = bench.follow({ projections: [{ ...messageCount, project }] });
  await bench.writer.append(messages(150));
  await until(() => follower.status()[0]!.state === 'failing');
  expect(await bench.deadLetters()).toHaveLength(100);
}, 120_000);

describe('a re-drive', () => {
  const stream = newId('conv');

  beforeEach(async () => {
    // What makes it fail is outside of the event, so that it can be put right.
    await bench.admin.query('alter table analytics.message_count add constraint few check (messages <= 2)');
    await bench.writer.append(messages(4, stream));
    const follower = bench.follow();
    expect(await follower.waitFor('message_count', 4, 60_000)).toBe(true);
    await follower.close();
    expect(await bench.counted()).toBe(2);
  });

  it('applies each dead letter once, however many do it', async () => {
    const follower = bench.follow();
    await bench.admin.query('alter table analytics.message_count drop constraint few');
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => follower.redrive('message_count')));
    expect(outcomes.reduce((sum, { redriven }) => sum + redriven, 0)).toBe(2);
    expect(await bench.counted()).toBe(4);
    expect(await bench.deadLetters()).toMatchObject([
      { position: 3, redriven_at: expect.any(String) },
      { position: 4, redriven_at: expect.any(String) },
    ]);
    expect(await follower.redrive('message_count')).toEqual({ redriven: 0, failed: 0 });
  });

  it('does only the one at a position', async () => {
    const follower = bench.follow();
    await bench.admin.query('alter table analytics.message_count drop constraint few');
    expect(await follower.redrive('message_count', 4)).toEqual({ redriven: 1, failed: 0 });
    expect(await bench.deadLetters()).toMatchObject([{ redriven_at: null }, { redriven_at: expect.any(String) }]);
  });

  it('wants the partition, too, where several have a dead letter at the position', async () => {
    const follower = bench.follow();
    await bench.admin.query('alter table analytics.message_count drop constraint few');
    await bench.admin.query(`insert into analytics.dead_letters (projection, partition, position, cause, attempts)
                             values ('message_count', 'heddle.conversation/3', 4, 'other', 3)`);
    await expect(follower.redrive('message_count', 4)).rejects.toThrow(/heddle.conversation\/3, log: .*--partition/);
    const connection = new Connection({ url: bench.url, role: 'heddle_analytics', applicationName: 'redrive' });
    const target = { projection: messageCount, fold: new ProjectionFold(messageCount, bench.opener, connection) };
    const which = { position: 4, partition: 'log' };
    expect(await redrive(connection, bench.log, target, which)).toEqual({ redriven: 1, failed: 0 });
    await connection.close();
  });

  it('goes on past a letter whose event is gone', async () => {
    const follower = bench.follow();
    await bench.admin.query('alter table analytics.message_count drop constraint few');
    await bench.admin.query(`insert into analytics.dead_letters (projection, partition, position, cause, attempts)
                             values ('message_count', 'log', 1000, 'gone', 3), ('message_count', 'elsewhere/0', 1, 'gone', 3)`);
    expect(await follower.redrive('message_count')).toEqual({ redriven: 2, failed: 2 });
    const left = (await bench.deadLetters()).filter(({ redriven_at }) => redriven_at === null);
    expect(left.map(({ cause }) => cause)).toEqual([
      expect.stringMatching(/elsewhere\/0, which is not in this log/),
      expect.stringMatching(/log has no event at 1000/),
    ]);
  });

  it('leaves what fails again, and counts the try', async () => {
    const follower = bench.follow();
    expect(await follower.redrive('message_count')).toEqual({ redriven: 0, failed: 2 });
    expect(await bench.deadLetters()).toMatchObject([
      { attempts: 4, redriven_at: null },
      { attempts: 4, redriven_at: null },
    ]);
    expect(await bench.counted()).toBe(2);
  });
});
