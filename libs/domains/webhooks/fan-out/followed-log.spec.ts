import type { LogPage, ReadOptions, StoredEvent } from '../../../platform/event-log/event-log.js';
import { FollowedLog } from './followed-log.js';

const TYPES = ['label.created', 'webhook_endpoint.created', 'label.created', 'webhook_endpoint.deleted'];

const NOTHING = Buffer.alloc(0);
const eventAt = (position: number): StoredEvent => ({
  position,
  storePosition: position,
  fingerprint: NOTHING,
  payload: NOTHING,
});

const log = {
  name: 'log',
  end: async () => TYPES.length,
  read: async (after: number, { types }: ReadOptions): Promise<LogPage> => ({
    events: TYPES.flatMap((type, i) => (i >= after && types?.includes(type) !== false ? [eventAt(i + 1)] : [])),
    scannedTo: TYPES.length,
  }),
};

const positionsOf = ({ events }: LogPage) => events.map(({ position }) => position);

it('is read whole while there are endpoints', async () => {
  const page = await new FollowedLog(log, () => true).read(0, { limit: 10 });
  expect([positionsOf(page), page.scannedTo]).toEqual([[1, 2, 3, 4], 4]);
});

it('is read to the first event of an endpoint while there are none, for what follows may be for it', async () => {
  const followed = new FollowedLog(log, () => false);
  const page = await followed.read(0, { limit: 10 });
  expect([positionsOf(page), page.scannedTo]).toEqual([[2], 2]);
  const next = await followed.read(4, { limit: 10 });
  expect([positionsOf(next), next.scannedTo]).toEqual([[], 4]);
});
