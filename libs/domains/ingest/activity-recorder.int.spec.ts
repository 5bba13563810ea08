import pg from 'pg';
import { StreamRestorer } from '../../platform/commands/stream-restorer.js';
import { newId } from '../../platform/kernel/id.js';
import { Problem } from '../../platform/kernel/problem.js';
import type { Caller } from '../../platform/operations/caller.js';
import type { Runtime } from '../../platform/runtime/runtime.js';
import { createTestDatabase, type TestDatabase } from '../../platform/testing/test-database.js';
import { eventually } from '../../platform/testing/until.js';
import { activityAggregate } from './activities/activity.aggregate.js';
import type { ActivityInput, ActivityOutcome } from './activity-input.js';
import type { ActivityRecorder } from './activity-recorder.js';
import { type EventTypes, nameOfType } from './event-types/event-types.js';
import type { Allowance } from './event-types/work-budget.js';
import { recorderOf, startIngest } from './recorder.fixture.js';

let database: TestDatabase;
let admin: pg.Client;
let workspace: string;
const runtimes: Runtime[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});
afterAll(async () => {
  await Promise.all(runtimes.map((runtime) => runtime.close()));
  await admin.end();
  await database.drop();
});
beforeEach(() => {
  workspace = newId('wsp');
});

/** As another process has it. */
async function openRecorder(types?: Pick<EventTypes, 'checkAll'>): Promise<ActivityRecorder> {
  const runtime = await startIngest(database.url);
  runtimes.push(runtime);
  return recorderOf(runtime, types);
}

const caller = (key: string | null = null): Caller => ({
  workspace,
  actor: { type: 'api_key', id: newId('key') },
  scopes: new Set(),
  idempotency: key === null ? null : { key, fingerprint: key },
  ifMatch: null,
  requestId: 'req_test',
  traceparent: null,
});
const about = (externalId: string, id?: string): ActivityInput => ({
  ...(id === undefined ? {} : { id }),
  source: 'api',
  type: 'invoice.paid',
  subject: { type: 'customer', externalId },
  data: { text: 'x'.repeat(20) },
});

interface Stored {
  stream: string;
  seq: number;
  position: number;
}

async function stored(): Promise<Stored[]> {
  const { rows } = await admin.query<Stored>(
    'select stream, seq, position from log.events where workspace = $1 order by position',
    [workspace.slice(4)],
  );
  return rows;
}

async function rowsOf(table: string): Promise<number> {
  const { rows } = await admin.query(`select from ${table} where workspace = $1`, [workspace.slice(4)]);
  return rows.length;
}

/** Every stream is numbered without a gap, and its head says how far. */
async function expectWhole(): Promise<Stored[]> {
  const events = await stored();
  for (const [stream, own] of Map.groupBy(events, (event) => event.stream)) {
    expect(own.map(({ seq }) => seq)).toEqual(own.map((_, i) => i + 1));
    const { rows } = await admin.query('select version from log.streams where stream = $1', [stream]);
    expect(rows).toEqual([{ version: own.length }]);
  }
  return events;
}

const statuses = (outcomes: readonly ActivityOutcome[]) => outcomes.map(({ status }) => status);
const eventsOf = (outcomes: readonly ActivityOutcome[]) =>
  outcomes.map((outcome) => (outcome.status === 'refused' ? null : outcome.event));

it('records what two processes are told at once, each id once and each name as one customer', async () => {
  const recorders = await Promise.all([openRecorder(), openRecorder()]);
  const batches = Array.from({ length: 40 }, (_, b) =>
    Array.from({ length: 25 }, (_, i) => about(`shop-${(b + i) % 10}`, `id-${(b % 20) * 25 + i}`)),
  );
  const outcomes = await Promise.all(batches.map((batch, i) => recorders[i % 2]!.record(workspace, caller(), batch)));
  const all = outcomes.flat();
  expect(all.filter(({ status }) => status === 'recorded')).toHaveLength(500);
  expect(all.filter(({ status }) => status === 'duplicate')).toHaveLength(500);
  const events = await expectWhole();
  expect(events).toHaveLength(500);
  expect(new Set(events.map(({ stream }) => stream)).size).toBe(10);
  expect([await rowsOf('log.claims'), await rowsOf('keys.data_keys'), await rowsOf('ingest.activity_ids')]).toEqual([
    10, 10, 500,
  ]);
  // Both halves of the calls are told of the same events.
  for (let b = 0; b < 20; b++) expect(eventsOf(outcomes[b]!)).toEqual(eventsOf(outcomes[b + 20]!));
});

it('checks no more data at once than takes half a second, and what is sent with less is recorded', async () => {
  const dear = (_data: unknown, allowance?: Allowance) => {
    if (allowance!.steps <= 0) return new Problem('event_data_invalid', 'It takes too long: send less.');
    allowance!.steps -= 20_000;
    return null;
  };
  const types = new Map([[nameOfType(workspace, 'invoice.paid'), { version: 1, refusalOf: dear }]]);
  const recorder = await openRecorder({ checkAll: async () => types });
  const batches = [400, 400, 1].map((count) =>
    recorder.record(workspace, caller(), Array(count).fill(about('shop-1'))),
  );
  const outcomes = (await Promise.all(batches)).map(statuses);
  expect(outcomes.map((all) => all.filter((status) => status === 'recorded').length)).toEqual([250, 250, 1]);
  await expectWhole();
});

it('writes no more bytes in one transaction than the store takes in a moment, however few rows they are', async () => {
  const recorder = await openRecorder();
  const { beside } = runtimes.at(-1)!.services.get('ingest')!.writing;
  const before = beside.groups;
  const large = { ...about('shop-1'), data: 'x'.repeat(250_000) };
  const outcomes = await Promise.all(Array.from({ length: 80 }, () => recorder.record(workspace, caller(), [large])));
  expect(outcomes.flatMap(statuses)).toEqual(Array(80).fill('recorded'));
  expect(beside.groups - before).toBeGreaterThanOrEqual(3);
  await expectWhole();
});

it('leaves room for others, however much one workspace sends', async () => {
  const gate = Promise.withResolvers<void>();
  const refusalOf = () => new Problem('archived', 'It is archived.');
  const types = (of: string) => new Map([[nameOfType(of, 'invoice.paid'), { version: 1, refusalOf }]]);
  const other = newId('wsp');
  const checkAll = async () => {
    await gate.promise;
    return new Map([...types(workspace), ...types(other)]);
  };
  const recorder = await openRecorder({ checkAll });
  const thousand = Array(1000).fill(about('shop-1'));
  const waiting = Array.from({ length: 25 }, () => recorder.record(workspace, caller(), thousand));
  await expect(recorder.record(workspace, caller(), [about('shop-1')])).rejects.toMatchObject({ code: 'rate_limited' });
  waiting.push(recorder.record(other, caller(), thousand));
  gate.resolve();
  for (const outcomes of await Promise.all(waiting)) expect(new Set(statuses(outcomes))).toEqual(new Set(['refused']));
  expect(statuses(await recorder.record(workspace, caller(), [about('shop-1')]))).toEqual(['refused']);
});

it('refuses an id for ever, whichever process was told first', async () => {
  const [one] = await (await openRecorder()).record(workspace, caller(), [about('shop-1', 'id-1')]);
  const later = await openRecorder();
  const again = await later.record(workspace, caller(), [about('shop-1', 'id-1'), about('shop-2', 'id-2')]);
  expect(statuses(again)).toEqual(['duplicate', 'recorded']);
  expect(eventsOf(again)[0]).toBe(eventsOf([one!])[0]);
});

it('answers a request that is sent again with what it was told, in another process too', async () => {
  const items = [about('shop-1'), about('shop-1'), { ...about('shop-1'), occurredAt: 0 }];
  const key = 'f'.repeat(32);
  const first = await openRecorder();
  const [told, twice] = await Promise.all([
    first.recordOnce(workspace, caller(key), items),
    first.recordOnce(workspace, caller(key), items),
  ]);
  const again = await (await openRecorder()).recordOnce(workspace, caller(key), items);
  expect([told.replayed, twice.replayed, again.replayed]).toEqual([false, true, true]);
  expect(JSON.stringify([twice.outcomes, twice.position])).toBe(JSON.stringify([told.outcomes, told.position]));
  expect(again.outcomes).toEqual(told.outcomes);
  expect(statuses(told.outcomes)).toEqual(['recorded', 'recorded', 'refused']);
  expect(await stored()).toHaveLength(2);
});

it('keeps nothing in clear of why a row was refused, and answers it again', async () => {
  const refusalOf = (data: unknown) =>
    data === null ? new Problem('event_data_invalid', 'The data does not fit: /data/Ada.') : null;
  const types = new Map([[nameOfType(workspace, 'invoice.paid'), { version: 1, refusalOf }]]);
  const checkAll = async () => types;
  const items = [about('shop-1'), { ...about('shop-1'), data: null }];
  const key = 'c'.repeat(32);
  const told = await (await openRecorder({ checkAll })).recordOnce(workspace, caller(key), items);
  const { rows } = await admin.query<{ response: Buffer }>(
    'select response from log.idempotency order by stored_at desc limit 1',
  );
  // What is sealed may hold any three letters.
  expect(rows.map(({ response }) => response.includes('/data/Ada') || response.includes('refused'))).toEqual([false]);
  const again = await (await openRecorder({ checkAll })).recordOnce(workspace, caller(key), items);
  expect([again.replayed, again.outcomes]).toEqual([true, told.outcomes]);
  expect(again.outcomes[1]).toMatchObject({ problem: { detail: 'The data does not fit: /data/Ada.' } });
});

it('answers so, too, where all rows of the repeat are duplicates, and refuses the key to another request', async () => {
  const items = [about('shop-1', 'id-1'), about('shop-1', 'id-2')];
  const key = 'e'.repeat(32);
  const recorder = await openRecorder();
  const told = await recorder.recordOnce(workspace, caller(key), items);
  const again = await recorder.recordOnce(workspace, caller(key), items);
  expect([again.replayed, statuses(again.outcomes)]).toEqual([true, ['recorded', 'recorded']]);
  expect([again.outcomes, again.position]).toEqual([told.outcomes, told.position]);
  const other = { ...caller(key), idempotency: { key, fingerprint: '0'.repeat(32) } };
  await expect(recorder.recordOnce(workspace, other, [items[0]!])).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  });
  const fresh = await recorder.recordOnce(workspace, caller('d'.repeat(32)), items);
  expect([fresh.replayed, statuses(fresh.outcomes)]).toEqual([false, ['duplicate', 'duplicate']]);
});

it('reads a name again where the group that was to take it fails while the next one is read', async () => {
  const first = await openRecorder();
  const second = await openRecorder();
  const { reads, beside } = runtimes.at(-1)!.services.get('ingest')!.writing;
  for (const recorder of [first, second]) await recorder.record(workspace, caller(), [about('shop-1')]);
  const waitFor = (sessions: number) =>
    eventually(async () => {
      const { rows } = await admin.query(
        `select from pg_locks join pg_database d on d.oid = database
          where locktype = 'advisory' and not granted and datname = current_database()`,
      );
      expect(rows).toHaveLength(sessions);
    });
  await admin.query('select pg_advisory_lock(4851, 1)');
  const told = [first.record(workspace, caller(), [about('shop-2')])];
  await waitFor(1);
  told.push(second.record(workspace, caller(), [about('shop-2')]));
  await waitFor(2);
  const read = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<void>();
  const query = reads.query.bind(reads);
  reads.query = async (statement) => {
    if (statement.name === 'event_types') {
      read.resolve();
      await failed.promise;
    }
    return query(statement);
  };
  told.push(second.record(workspace, caller(), [about('shop-2')]));
  await read.promise;
  await admin.query('select pg_advisory_unlock(4851, 1)');
  await eventually(async () => expect(beside.conflicts).toBe(1));
  failed.resolve();
  const subjects = (await Promise.all(told)).flat().map((outcome) => 'subject' in outcome && outcome.subject);
  expect([subjects.length, new Set(subjects).size]).toEqual([3, 1]);
  expect((await expectWhole()).length).toBe(5);
});

it('loses nothing that was acknowledged and doubles nothing while its session is cut again and again', async () => {
  const recorders = await Promise.all([openRecorder(), openRecorder()]);
  let cutting = true;
  let cuts = 0;
  const cutter = (async () => {
    while (cutting) {
      const { rowCount } = await admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'heddle ingest record' and datname = current_database() order by random() limit 1`,
      );
      cuts += rowCount ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  })();
  const acknowledged = new Map<string, string>();
  const tell = async (batch: number) => {
    const items = Array.from({ length: 20 }, (_, i) => about(`shop-${(batch + i) % 7}`, `id-${batch}-${i}`));
    for (let tries = 0; ; tries++) {
      try {
        const outcomes = await recorders[(batch + tries) % 2]!.record(workspace, caller(), items);
        for (const [i, event] of eventsOf(outcomes).entries()) acknowledged.set(items[i]!.id!, event!);
        return;
      } catch (error) {
        expect(error).toMatchObject({ code: 'unavailable' });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  await Promise.all(
    Array.from({ length: 6 }, async (_, worker) => {
      for (let n = 0; n < 10; n++) await tell(worker * 10 + n);
    }),
  );
  cutting = false;
  await cutter;
  expect(cuts).toBeGreaterThan(3);
  const events = await expectWhole();
  expect([events.length, acknowledged.size, new Set(acknowledged.values()).size]).toEqual([1200, 1200, 1200]);
  expect(await rowsOf('log.claims')).toBe(7);
}, 120_000);

it('finds a customer again by the name that an activity took, where the log alone came back', async () => {
  const recorder = await openRecorder();
  const [told] = await recorder.record(workspace, caller(), [about('shop-1')]);
  const { codec, keys } = runtimes.at(-1)!;
  const { rows } = await admin.query<{ schema_fingerprint: Buffer; payload: Buffer }>(
    'select schema_fingerprint, payload from log.events where workspace = $1',
    [workspace.slice(4)],
  );
  for (const table of ['log.streams', 'log.claims']) {
    await admin.query(`delete from ${table} where workspace = $1`, [workspace.slice(4)]);
  }
  const restorer = new StreamRestorer([activityAggregate], codec, keys);
  await restorer.restore(
    { query: (statement) => admin.query(statement) },
    rows.map((row) => codec.decode(row.schema_fingerprint, row.payload)),
  );
  const [again] = await (await openRecorder()).record(workspace, caller(), [about('shop-1')]);
  expect(again).toMatchObject({ seq: 2, subject: (told as { subject: string }).subject });
  await expectWhole();
});

it('refuses a customer’s id under another prefix, and records the rows beside it', async () => {
  const recorder = await openRecorder();
  const [told] = await recorder.record(workspace, caller(), [about('shop-1')]);
  const { subject } = told as { subject: string };
  const subjects: ActivityInput['subject'][] = [
    { type: 'customer', id: subject },
    { type: 'conversation', id: subject.replace('cus', 'conv') },
    { type: 'tenant', id: subject.replace('cus', 'ten') },
  ];
  const outcomes = await recorder.record(
    workspace,
    caller(),
    subjects.map((one) => ({ ...about('shop-1'), subject: one })),
  );
  expect(statuses(outcomes)).toEqual(['recorded', 'refused', 'refused']);
  expect(outcomes[1]).toMatchObject({ problem: { code: 'unknown_reference' } });
  expect(await expectWhole()).toHaveLength(2);
});

it('refuses what is about somebody who was erased, and records the rows beside it', async () => {
  const recorder = await openRecorder();
  const [gone] = await recorder.record(workspace, caller(), [about('shop-1')]);
  const customer = gone!.status === 'recorded' ? gone!.subject! : '';
  await runtimes.at(-1)!.keys.destroy({ query: (statement) => admin.query(statement) }, workspace, customer);
  const after = await recorder.record(workspace, caller(), [about('shop-1'), about('shop-2')]);
  expect(after).toMatchObject([{ status: 'refused', problem: { code: 'person_erased' } }, { status: 'recorded' }]);
});
