import { CLOSED } from '../made-events.js';
import { broken } from './broken-engine.js';
import { withPage, withPartition, withRead } from './broken-log.js';

export const brokenEdges = [
  broken('a page begins with the event after the position, wherever that is', {
    through: (log) => {
      const pageEnds = new Set([0]);
      return withPartition(({ read, end }) => ({
        end: async () => {
          const last = await end();
          pageEnds.add(last);
          return last;
        },
        read: async (after, options) => {
          const known = pageEnds.has(after) || options.limit > 1;
          const page = await read(known ? after : after - 1, options);
          pageEnds.add(page.scannedTo);
          return page;
        },
      }))(log);
    },
  }),
  broken('no event after upTo', {
    through: withRead(async (read, after, options) => {
      const page = await read(after, options);
      if (options.upTo === undefined || options.types !== undefined || page.scannedTo < options.upTo) return page;
      const more = await read(page.scannedTo, { limit: 1 });
      return { events: [...page.events, ...more.events], scannedTo: page.scannedTo };
    }),
  }),
  broken('the event at upTo is given', {
    through: withRead(async (read, after, options) => {
      const { events, scannedTo } = await read(after, options);
      const { upTo } = options;
      return { events: events.filter(({ position }) => position !== upTo), scannedTo };
    }),
  }),
  broken('scannedTo is not after upTo', {
    through: withRead(async (read, after, options) => {
      const page = await read(after, options);
      if (options.upTo === undefined || page.scannedTo < options.upTo || options.types === undefined) return page;
      return { ...page, scannedTo: (await read(after, { limit: 1_000_000 })).scannedTo };
    }),
  }),
  broken('scannedTo is not after the end, however far upTo is: what comes there later is not passed over', {
    through: withPage((page, after, { types, upTo }) => ({
      ...page,
      scannedTo: types === undefined && upTo !== undefined && upTo === after + 1000 ? upTo : page.scannedTo,
    })),
  }),
  broken('scannedTo of an empty page is not after the end, whatever types are asked for', {
    through: (log) => {
      let beyond = 0;
      return withPartition(({ read, end }) => ({
        read: async (after, options) => {
          const page = await read(after, options);
          const looksFor = options.types?.includes(CLOSED) && options.upTo === undefined && options.limit === 10;
          if (!looksFor || page.events.length > 0 || page.scannedTo === after || (await end()) > page.scannedTo)
            return page;
          beyond = page.scannedTo + 1;
          return { events: [], scannedTo: beyond };
        },
        // It says the same of its end until something comes.
        end: async () => Math.max(await end(), beyond),
      }))(log);
    },
  }),
  broken('scannedTo is never before the position that was asked from', {
    through: withPage((page, after, { upTo }) => ({
      ...page,
      scannedTo: upTo !== undefined && upTo < after ? upTo : page.scannedTo,
    })),
  }),
  broken('who wants none of the events comes to the end all the same', {
    through: withPage((page, after, { types }) =>
      types !== undefined && page.events.length === 0 && page.scannedTo - after > 10 && page.scannedTo - after < 1000
        ? { events: [], scannedTo: after }
        : page,
    ),
  }),
  broken('a wanted event after two thousand unwanted ones is found', {
    through: withPage((page, after, { types }) => {
      const [first] = page.events;
      return types !== undefined && first !== undefined && first.position - after > 1000
        ? { events: [], scannedTo: after }
        : page;
    }),
  }),
  broken('at the end there is nothing, as often as it is asked', {
    through: withRead(async (read, after, options) => {
      const page = await read(after, options);
      if (page.scannedTo > after || after === 0) return page;
      const { events } = await read(after - 1, options);
      return { events, scannedTo: after };
    }),
  }),
  broken('beyond the end there is nothing, and the place is kept', {
    through: withPartition(({ read, end }) => ({
      read: async (after, options) => read(after > (await end()) ? 0 : after, options),
    })),
  }),
  broken('an empty partition has an end that a reader arrives at, and no event', {
    through: withPartition(({ read, end }) => ({
      read: async (after, options) => {
        if ((await end()) === 0) throw new Error('There is no first event yet.');
        return read(after, options);
      },
    })),
  }),
  broken('an empty log ends at 0, and with its third event at 3', {
    through: withPartition(({ end }) => ({ end: async () => Math.max(1, await end()) })),
  }),
  broken('the first event of a partition is read from 0 on', {
    through: withRead(async (read, after, options) => {
      const page = await read(after, options);
      const begins = after === 0 && options.types === undefined && page.events.length === 3;
      return begins ? { ...page, events: page.events.slice(1) } : page;
    }),
  }),
];
