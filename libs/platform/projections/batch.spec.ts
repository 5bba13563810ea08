import fc from 'fast-check';
import type { SealedEvent } from '../event-codec/sealed-event.js';
import type { StoredEvent } from '../event-log/event-log.js';
import { Problem } from '../kernel/problem.js';
import { Batch, type BatchTarget } from './batch.js';
import { EventOpener } from './event-opener.js';
import { ProjectionFold } from './fold.js';
import type { ProjectedEvent, Projection } from './projection.js';

/** An event's payload is its position as text; the statement of a batch has the positions as its values. */
const decoder = {
  decode: (_: Buffer, payload: Buffer) => ({ type: 'x', meta: { id: payload.toString() }, data: {} }) as SealedEvent,
  keyIdsOf: () => [],
  open: (event: SealedEvent) => event,
};
const projection = {
  personal: false,
  project: (events: readonly ProjectedEvent[]) => [{ text: '', values: events.map(({ meta }) => Number(meta.id)) }],
} as unknown as Projection;

function batchOf(positions: readonly number[], scannedTo: number, atOnce?: number): Batch {
  const events = positions.map((position) => ({ position, payload: Buffer.from(`${position}`) }) as StoredEvent);
  const opener = new EventOpener(decoder, { loadByIds: async () => new Map() });
  const fold = new ProjectionFold(projection, opener, { query: async () => ({ rows: [] }) });
  if (atOnce !== undefined) {
    Object.assign(fold, { atOnce: async ({ length }: StoredEvent[]) => Math.min(atOnce, length) });
  }
  return new Batch(fold, events, scannedTo);
}

function target(fails: (position: number) => unknown) {
  const applied: number[] = [];
  const aside: number[] = [];
  const reached: number[] = [];
  const of: BatchTarget = {
    table: (name) => name,
    commit: async ([statement], to) => {
      const positions = statement!.values as number[];
      for (const position of positions) if (fails(position)) throw fails(position);
      applied.push(...positions);
      reached.push(to);
    },
    setAside: async ({ position }, _event, _cause, to) => {
      aside.push(position);
      reached.push(to);
    },
  };
  return { of, applied, aside, reached };
}

const poison = Object.assign(new Error('numeric field overflow'), { code: '22003' });

it('applies every good event once and in order, sets every bad one aside, and ends where it was read to', async () => {
  const page = fc
    .uniqueArray(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 60 })
    .map((positions) => positions.sort((a, b) => a - b));
  const most = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(page, fc.array(fc.nat({ max: 59 }), { maxLength: 2 }), most, async (positions, picked, atOnce) => {
      const bad = new Set(picked.map((i) => positions[i % positions.length]!));
      const { of, applied, aside, reached } = target((position) => (bad.has(position) ? poison : null));
      await batchOf(positions, 400, atOnce).applyTo(of);
      expect(applied).toEqual(positions.filter((position) => !bad.has(position)));
      expect(aside).toEqual(positions.filter((position) => bad.has(position)));
      expect(reached).toEqual([...new Set(reached)].sort((a, b) => a - b));
      expect(reached.at(-1)).toBe(400);
    }),
    { numRuns: 15 },
  );
}, 120_000);

it('commits a page without poison once', async () => {
  const { of, reached } = target(() => null);
  await batchOf([3, 4, 9], 12).applyTo(of);
  expect(reached).toEqual([12]);
});

it('commits no more at once than the fold wants, each part with the place that it reaches', async () => {
  const { of, applied, reached } = target(() => null);
  await batchOf([3, 4, 9, 11, 12], 15, 2).applyTo(of);
  expect(applied).toEqual([3, 4, 9, 11, 12]);
  expect(reached).toEqual([8, 11, 15]);
});

it.each([
  ['the server is away', new Problem('unavailable', 'away')],
  ['a lock was not given', Object.assign(new Error('lock timeout'), { code: '55P03' })],
  ['the table is gone', Object.assign(new Error('no such table'), { code: '42P01' })],
  ['two deadlocked', Object.assign(new Error('deadlock'), { code: '40P01' })],
  ['another member was first', Object.assign(new Error('not there'), { code: 'HD002' })],
])('sets nothing aside when %s', async (_, error) => {
  const { of, applied, aside } = target((position) => (position === 2 ? error : null));
  await expect(batchOf([1, 2, 3], 3).applyTo(of)).rejects.toBe(error);
  expect({ applied, aside }).toEqual({ applied: [], aside: [] });
});

it('applies an event that fails alone once and then does not', async () => {
  let failures = 2;
  const { of, applied, aside } = target((position) => (position === 2 && failures-- > 0 ? poison : null));
  await batchOf([2], 2).applyTo(of);
  expect({ applied, aside }).toEqual({ applied: [2], aside: [] });
});
