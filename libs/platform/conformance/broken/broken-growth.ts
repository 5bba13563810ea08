import type { StoredEvent } from '../../event-log/event-log.js';
import { CUSTOMER, UNASSIGNED, USER } from '../made-events.js';
import { broken } from './broken-engine.js';
import { isOfType, type Read, withPage, withPartition, withRead } from './broken-log.js';

export const brokenGrowth = [
  broken('the end moves with each append', {
    through: (log) => {
      const told: number[] = [];
      return withPartition(({ end }) => ({
        end: async () => {
          const last = await end();
          told.push(last);
          // An append of three, asked for before and after it.
          return told.length > 1 && told.at(-2) === last - 3 ? last - 3 : last;
        },
      }))(log);
    },
  }),
  broken('the end is not after what a reader arrives at', {
    through: withPartition(({ read, end }) => ({
      end: async () => (await end()) + (await lastIs(CUSTOMER, read, end)),
    })),
  }),
  broken('no event can be read beyond an end that was asked for after it', {
    through: withPartition(({ read, end }) => ({ end: async () => (await end()) - (await lastIs(USER, read, end)) })),
  }),
  broken('a reader that waits at the end gets each event that comes, one by one', {
    through: (log) => {
      const ends = new Set<number>();
      return withPage((page, after) => {
        if (page.scannedTo === after) ends.add(after);
        return ends.has(after) && page.events.length === 1 ? { events: [], scannedTo: after } : page;
      })(log);
    },
  }),
  broken('a reader that waits at the end gets all events of a group', {
    through: (log) => {
      const ends = new Set<number>();
      return withPage((page, after) => {
        if (page.scannedTo === after) ends.add(after);
        return ends.has(after) && page.events.length === 5 ? { ...page, events: page.events.slice(0, 1) } : page;
      })(log);
    },
  }),
  broken('beside writers that append and abort, a reader misses nothing and repeats nothing', {
    through: withPage((page, _after, { limit }) =>
      limit === 7 && page.events.length > 1 ? { ...page, events: page.events.toSpliced(-2, 1) } : page,
    ),
  }),
  broken('each event says its place in the store, as the append told it', {
    through: withPage(({ events, scannedTo }) => ({
      events: events.map((event) => (isOfType(UNASSIGNED)(event) ? event : { ...event, storePosition: 1 })),
      scannedTo,
    })),
  }),
  broken('the order of the store holds in every partition', {
    through: withPage(({ events, scannedTo }) => ({
      events: events.length === 60 ? exchanged(events, 9, 10) : events,
      scannedTo,
    })),
  }),
  broken('who listens is called soon after somebody else has appended', {
    through: (log) => ({ ...withRead((read, ...of) => read(...of))(log), onAppend: () => () => undefined }),
  }),
  broken('who has stopped to listen is called no more', {
    through: (log) => ({
      ...withRead((read, ...of) => read(...of))(log),
      onAppend: (listener) => {
        log.onAppend(listener);
        return () => undefined;
      },
    }),
  }),
];

/** Each at the position of the other. */
function exchanged(events: readonly StoredEvent[], a: number, b: number): StoredEvent[] {
  const [first, second] = [events[a]!, events[b]!];
  return events.with(a, { ...second, position: first.position }).with(b, { ...first, position: second.position });
}

/** 1 where the log ends with an event of the type, else 0. */
async function lastIs(type: string, read: Read, end: () => Promise<number>): Promise<number> {
  const { events } = await read((await end()) - 1, { limit: 1 });
  return events[0] !== undefined && isOfType(type)(events[0]) ? 1 : 0;
}
