import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import type { FeedEvent } from '../../../platform/feed/feed.js';
import { newId } from '../../../platform/kernel/id.js';
import { unavailable } from '../../../platform/postgres/connection.js';
import { Bodies, type BodiesPorts, nameOf } from './bodies.js';

const eventAt = (position: number) => ({
  type: 'label.created',
  position,
  meta: {
    id: newId('evt'),
    stream: newId('lbl'),
    seq: 1,
    occurred_at: 0,
    recorded_at: 0,
    actor: { type: 'root', id: 'root' },
  },
  data: {},
});

/** Of a log whose events are opened so. */
function bodiesOf(open: (stored: readonly StoredEvent[]) => Promise<FeedEvent[]>): Bodies {
  const ports = {
    keys: { loadByIds: async () => new Map(), withheldOn: async () => new Set() },
    connection: { query: async () => ({ rows: [] }) },
    keyIdsOf: () => [],
    feed: { at: async (positions: readonly number[]) => positions.map((position) => ({ position })), openAll: open },
    now: () => 0,
  };
  return new Bodies(ports as unknown as BodiesPorts);
}

const NAMES = [1, 2, 3].map((position) => ({ position, pin: '' }));

it('leaves out what it cannot decode, and no other', async () => {
  const bodies = bodiesOf(async (stored) => {
    if (stored.some(({ position }) => position === 2)) throw new Error('a type that a newer version wrote');
    return stored.map(({ position }) => eventAt(position)) as unknown as FeedEvent[];
  });
  expect([...(await bodies.read(NAMES)).keys()]).toEqual([NAMES[0]!, NAMES[2]!].map(nameOf));
});

it('leaves nothing out because the store is away', async () => {
  const bodies = bodiesOf(() => Promise.reject(unavailable()));
  await expect(bodies.read(NAMES)).rejects.toMatchObject({ code: 'unavailable' });
});
