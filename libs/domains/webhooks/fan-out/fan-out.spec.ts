import type { SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import { newId } from '../../../platform/kernel/id.js';
import { Batch } from '../../../platform/projections/batch.js';
import type { EndpointState } from '../endpoints/endpoint.state.js';
import { FanOut, type FanOutPorts } from './fan-out.js';
import { Routes, routeOf } from './routes.js';

const ENDPOINTS = 1000;
const EVENTS = 120;

it('writes no more rows in a transaction than a statement’s patience is for, however many endpoints want an event', async () => {
  const workspace = newId('wsp');
  const routes = new Routes();
  const state = { types: ['*'], filter: null, pin: '', disabled: null, deleted: false } as unknown as EndpointState;
  for (let n = 0; n < ENDPOINTS; n++) {
    routes.set(routeOf({ endpoint: newId('whe'), workspace, state, position: 0 }));
  }
  const waits: number[] = [];
  const fanOut = new FanOut({
    routes,
    decode: () => ({ type: 'label.created', meta: { workspace, stream: newId('lbl') }, data: {} }) as never,
    open: async (events: readonly SealedEvent[]) => events,
    bodies: { keysBefore: async () => ({ keyring: new Map(), readAt: 0 }), make: () => null },
    room: async (events: number) => void waits.push(events),
    hasOthers: () => false,
    adopted: () => 0,
  } as unknown as FanOutPorts);
  const events = Array.from({ length: EVENTS }, (_, n) => {
    return { position: n + 1, storePosition: n + 1, payload: Buffer.alloc(0) } as StoredEvent;
  });
  const rows: number[] = [];
  const reached: number[] = [];
  await new Batch(fanOut, events, EVENTS).applyTo({
    table: (name) => name,
    commit: async (_, to) => {
      const { offers } = fanOut.committed(to)!;
      rows.push([...offers.values()].reduce((sum, dues) => sum + dues.length, 0));
      reached.push(to);
    },
    setAside: async () => Promise.reject(new Error('no event is at fault')),
  });
  expect(rows.reduce((sum, count) => sum + count, 0)).toBe(ENDPOINTS * EVENTS);
  expect(Math.max(...rows)).toBeLessThanOrEqual(21_000);
  expect(reached.at(-1)).toBe(EVENTS);
  // There has to be room for the whole page, not for its first part.
  expect(waits[0]).toBe(EVENTS);
});
