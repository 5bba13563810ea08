import { TEST_STORE } from '../testing/test-store.js';
import { until } from '../testing/until.js';
import { IDS, TYPE } from './counted-type.fixture.js';
import { MemoryRows } from './memory-rows.fixture.js';
import { PartitionConsumer, type RecordBatch } from './partition-consumer.js';
import type { PartitionStatus } from './partition-status.js';

const PARTITION = 'heddle.conversation/0';

function record(offset: number) {
  const value = Buffer.from([0, 0, 0, 0, 1, offset]);
  return { offset: String(offset), value, headers: { 'heddle-type': Buffer.from(TYPE), 'heddle-store': TEST_STORE } };
}

/** A partition whose client does nothing but remember what it was told. */
function openPartition({ start = 0, end = 100, sureAfterMs = 30_000 } = {}) {
  const rows = new MemoryRows();
  const told: string[] = [];
  const troubles: PartitionStatus[] = [];
  const range = { start, end };
  const control = {
    seek: (offset: number) => void told.push(`seek ${offset}`),
    pause: () => void told.push('pause'),
    resume: () => void told.push('resume'),
    range: async (again: boolean) => {
      if (again) told.push('again');
      return range;
    },
  };
  const partition = new PartitionConsumer({
    subscription: 'counts',
    partition: PARTITION,
    types: new Set([TYPE]),
    lane: rows.lane(PARTITION),
    apply: (page, lane) => lane.apply(page),
    control,
    ids: IDS,
    store: TEST_STORE,
    onTrouble: (status) => void troubles.push(status),
    sureAfterMs,
  });
  const batch = (fetchedOffset: number, offsets: number[], lastOffset = offsets.at(-1)!): RecordBatch => ({
    fetchedOffset,
    records: offsets.map(record),
    lastOffset,
    resolve: () => void told.push(`resolve ${lastOffset}`),
    isStale: () => false,
  });
  const applied = () => rows.applied.get(PARTITION) ?? [];
  return { rows, told, troubles, range, partition, batch, applied };
}

it('reads on from the cursor after an assignment', async () => {
  const { rows, told, partition, batch, applied } = openPartition();
  rows.cursors.set(PARTITION, 7);
  partition.assign();
  await partition.take(batch(7, [7, 8]));
  expect(told).toEqual(['seek 7', 'resume', 'resolve 8']);
  expect(applied()).toEqual([8, 9]);
});

it.each([
  ['later', 9],
  ['earlier', 5],
])('never applies a batch that begins %s than the cursor', async (_, offset) => {
  const { rows, told, partition, batch, applied } = openPartition();
  rows.cursors.set(PARTITION, 7);
  partition.assign();
  await partition.take(batch(offset, [offset, 10]));
  expect(applied()).toEqual([]);
  expect(told).toEqual(['seek 7', 'resume', 'seek 7']);
});

it('says so, and waits, where its client never begins where it is told to', async () => {
  const { told, troubles, partition, batch, applied } = openPartition();
  partition.assign();
  for (let n = 0; n < 4; n++) await partition.take(batch(50, [50]));
  expect(applied()).toEqual([]);
  expect(told.at(-1)).toBe('pause');
  expect(troubles).toMatchObject([{ state: 'failing', error: `${PARTITION} is not given from offset 0 on.` }]);
  partition.revoke();
});

it('takes a batch after control records that the client has passed by itself', async () => {
  const { rows, partition, batch, applied } = openPartition();
  partition.assign();
  await partition.take(batch(0, [0, 1]));
  partition.passed(2, 40_000);
  await partition.take(batch(99_999, [99_999]));
  expect([partition.status().position, rows.cursors.get(PARTITION)]).toEqual([40_001, 40_001]);
  await partition.take(batch(40_001, [40_001]));
  expect(applied()).toEqual([1, 2, 40_002]);
});

it('does not believe of control records elsewhere that all before them was seen', async () => {
  const { partition, batch, applied } = openPartition();
  partition.assign();
  await partition.take(batch(0, [0, 1]));
  partition.passed(5, 6);
  await partition.take(batch(7, [7]));
  expect(applied()).toEqual([1, 2]);
});

it('passes over what is not of its types, with the cursor', async () => {
  const { rows, partition, batch } = openPartition();
  partition.assign();
  const other = batch(0, [0, 1], 3);
  await partition.take({
    ...other,
    records: other.records.map((one) => ({ ...one, headers: { ...one.headers, 'heddle-type': 'x' } })),
  });
  expect([rows.count, rows.cursors.get(PARTITION)]).toEqual([0, 4]);
});

it('takes a record whose type is null to the projection, as one that does not say it', async () => {
  const { partition, batch, applied } = openPartition();
  partition.assign();
  const first = batch(0, [0, 1]);
  const [bad, good] = first.records;
  await partition.take({ ...first, records: [{ ...bad!, headers: { ...bad!.headers, 'heddle-type': null } }, good!] });
  expect(partition.status()).toMatchObject({ state: 'following', error: null });
  expect(applied()).toEqual([1, 2]);
});

it('sets aside what is of another store', async () => {
  const { rows, partition, batch, applied } = openPartition();
  partition.assign();
  const first = batch(0, [0, 1]);
  const [theirs, ours] = first.records;
  const of = { ...theirs!.headers, 'heddle-store': 'a'.repeat(32) };
  await partition.take({ ...first, records: [{ ...theirs!, headers: of }, ours!] });
  expect(applied()).toEqual([2]);
  expect(rows.setAside).toMatchObject([{ position: 1, cause: expect.stringMatching(/^It is of the store a{32}/) }]);
});

it('applies nothing once it is another member’s', async () => {
  const { told, partition, batch, applied } = openPartition();
  partition.assign();
  await partition.take(batch(0, [0]));
  partition.revoke();
  await partition.take(batch(1, [1]));
  expect(applied()).toEqual([1]);
  expect(told.at(-1)).toBe('resolve 0');
});

it('looks again before it holds a cursor to be beyond the end', async () => {
  const { rows, range, told, partition, batch, applied } = openPartition({ end: 5 });
  rows.cursors.set(PARTITION, 7);
  partition.assign();
  await partition.take(batch(3, [3]));
  // The leader knew its end a moment later.
  range.end = 9;
  await until(() => told.includes('resume'));
  await partition.take(batch(7, [7]));
  expect(rows.diverged.size).toBe(0);
  expect(applied()).toEqual([8]);
  partition.revoke();
});

it.each([
  ['is not believed while a leader that is cut off may say it', 60_000, 'failing'],
  ['is believed in the end', 500, 'diverged'],
])('a cursor beyond the end %s, and the brokers are asked again for the leader', async (_, sureAfterMs, state) => {
  const { rows, told, partition } = openPartition({ end: 5, sureAfterMs });
  rows.cursors.set(PARTITION, 7);
  partition.assign();
  await new Promise((resolve) => setTimeout(resolve, 1700));
  // On a busy machine it looks later.
  await until(() => partition.status().state === state && told.includes('again'));
  expect([partition.status().state, rows.diverged.size]).toEqual([state, state === 'diverged' ? 1 : 0]);
  expect(told).toContain('again');
  partition.revoke();
});
