import type { OpenEvent, SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import { newId } from '../../../platform/kernel/id.js';
import { unavailable } from '../../../platform/postgres/connection.js';
import { Bodies, type BodiesPorts, nameOf } from './bodies.js';

const WEIGHT = 6 * 1024 * 1024;

/** Of a log whose events are opened so, and of which no more than a few fit into what is read at a time. */
function bodiesOf(open: (sealed: readonly SealedEvent[]) => Promise<OpenEvent[]>): {
  bodies: Bodies;
  reads: number[][];
} {
  const reads: number[][] = [];
  const ports = {
    keys: { loadByIds: async () => new Map(), withheldOn: async () => new Set() },
    connection: { query: async () => ({ rows: [] }) },
    keyIdsOf: () => [],
    feed: {
      at: async (positions: readonly number[], mostBytes: number) => {
        const fitting = positions.slice(0, Math.max(1, Math.floor(mostBytes / WEIGHT)));
        reads.push([...fitting]);
        return fitting.map((position) => ({ position, payload: { length: WEIGHT } }));
      },
    },
    decode: ({ position }: { position: number }) => eventAt(position),
    open,
    now: () => 0,
  };
  return { bodies: new Bodies(ports as unknown as BodiesPorts), reads };
}

/** Its number on its stream is its place on the log. */
function eventAt(position: number) {
  const actor = { type: 'root', id: 'root' };
  const meta = { id: newId('evt'), stream: newId('lbl'), seq: position, occurred_at: 0, recorded_at: 0, actor };
  return { type: 'label.created', meta, data: {} };
}

const asTheyAre = async (sealed: readonly SealedEvent[]) => sealed as unknown as OpenEvent[];
const NAMES = [1, 2, 3].map((position) => ({ position, pin: '' }));

it('leaves out what it cannot decode, and no other', async () => {
  const { bodies } = bodiesOf(async (sealed) => {
    if (sealed.some(({ meta }) => meta.seq === 2)) throw new Error('a type that a newer version wrote');
    return asTheyAre(sealed);
  });
  expect([...(await bodies.read(NAMES)).keys()]).toEqual([NAMES[0]!, NAMES[2]!].map(nameOf));
});

it('leaves out a version that it does not know, and no other of the same event', async () => {
  const { bodies } = bodiesOf(asTheyAre);
  const names = [...NAMES, { position: 2, pin: 'label.created@99.0' }];
  expect([...(await bodies.read(names)).keys()]).toEqual(NAMES.map(nameOf));
});

it('leaves nothing out because the store is away', async () => {
  const { bodies } = bodiesOf(() => Promise.reject(unavailable()));
  await expect(bodies.read(NAMES)).rejects.toMatchObject({ code: 'unavailable' });
});

it('reads no more of the log at a time than has room in memory, and all of it in turns', async () => {
  const names = [5, 3, 1, 4, 2, 3].map((position, n) => ({ position, pin: n === 5 ? 'label.created@1.0' : '' }));
  const one = bodiesOf(asTheyAre);
  expect([...(await one.bodies.readFirst(names)).keys()].sort()).toEqual(['1 ', '2 ']);
  expect(one.reads).toEqual([[1, 2]]);
  const all = bodiesOf(asTheyAre);
  expect([...(await all.bodies.read(names)).keys()].sort()).toEqual(names.map(nameOf).sort());
  expect(all.reads).toEqual([[1, 2], [3, 4], [5]]);
});
