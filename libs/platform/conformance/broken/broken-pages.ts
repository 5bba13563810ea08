import type { LogPage, StoredEvent } from '../../event-log/event-log.js';
import { MESSAGE, UNASSIGNED } from '../made-events.js';
import { broken } from './broken-engine.js';
import { decodedOrNull, isOfType, type Read, withPage, withRead } from './broken-log.js';

const streamOf = (event: StoredEvent | undefined) =>
  event === undefined ? undefined : decodedOrNull(event)?.meta.stream;

function swapped({ events, scannedTo }: LogPage, swap: (a: StoredEvent, b: StoredEvent) => StoredEvent[] | null) {
  const swappedEvents: StoredEvent[] = [];
  for (let i = 0; i < events.length; i++) {
    const pair = i + 1 < events.length ? swap(events[i]!, events[i + 1]!) : null;
    if (pair === null) swappedEvents.push(events[i]!);
    else {
      swappedEvents.push(...pair);
      i++;
    }
  }
  return { events: swappedEvents, scannedTo };
}

function withOneBitChanged(event: StoredEvent): StoredEvent {
  const sealed = decodedOrNull(event);
  if (sealed?.type !== MESSAGE || event.payload.length > HALF_A_MEGABYTE) return event;
  const { ciphertext } = sealed.data.text as { ciphertext: Buffer };
  const payload = Buffer.from(event.payload);
  payload[payload.indexOf(ciphertext)]! ^= 1;
  return { ...event, payload };
}

const HALF_A_MEGABYTE = 512 * 1024;

export const brokenPages = [
  broken('pages of any size lose no event', {
    through: withPage(({ events, scannedTo }, _after, { limit, types }) => ({
      events: types === undefined && limit === 22 && events.length === limit ? events.slice(0, -1) : events,
      scannedTo,
    })),
  }),
  broken('no event comes twice over the boundary of a page', {
    through: withPage(({ events, scannedTo }, _after, { limit, types }) => ({
      events,
      scannedTo: types === undefined && limit === 22 && events.length === limit ? scannedTo - 1 : scannedTo,
    })),
  }),
  broken('positions rise within a page and from page to page', {
    through: withPage((page, _after, { types }) =>
      types === undefined
        ? swapped(page, (a, b) =>
            isOfType(UNASSIGNED)(a) && isOfType(UNASSIGNED)(b) && streamOf(a) !== streamOf(b) ? [b, a] : null,
          )
        : page,
    ),
  }),
  broken('the events of a stream come in the order of their numbers, without a gap', {
    through: withPage((page) =>
      page.events.length === 40
        ? swapped(page, (a, b) =>
            streamOf(a) === streamOf(b)
              ? [
                  { ...a, payload: b.payload },
                  { ...b, payload: a.payload },
                ]
              : null,
          )
        : page,
    ),
  }),
  broken('bytes and fingerprints are those that were written', {
    through: withPage(({ events, scannedTo }) => ({
      events: events.length === 3 ? events.map(withOneBitChanged) : events,
      scannedTo,
    })),
  }),
  broken('a page of some types holds no others', {
    through: withRead((read, after, options) =>
      read(after, options.types?.length === 1 ? { ...options, types: undefined } : options),
    ),
  }),
  broken('a page of several types holds all events of each', {
    through: withRead((read, after, options) =>
      read(after, options.types?.length === 2 ? { ...options, types: options.types.slice(0, 1) } : options),
    ),
  }),
  broken('small pages of one type among others lose none', {
    through: withRead(async (read, after, options) => {
      const page = await read(after, options);
      if (options.types === undefined || page.events.length !== options.limit) return page;
      return { ...page, scannedTo: (await read(after, { limit: 1_000_000 })).scannedTo };
    }),
  }),
  broken('a page has no more events than were asked for', {
    through: withRead((read, after, options) =>
      read(after, options.limit === 29 ? { ...options, limit: options.limit + 1 } : options),
    ),
  }),
  broken('three thousand events come in one page and in many, none left out between two', {
    through: withPage(({ events, scannedTo }) => ({
      events: events.length === 3000 ? events.toSpliced(1500, 1) : events,
      scannedTo,
    })),
  }),
  broken('an event of 600 kB comes whole', {
    through: withPage(({ events, scannedTo }) => ({
      events: events.filter(({ payload }) => payload.length < HALF_A_MEGABYTE),
      scannedTo,
    })),
  }),
  broken('large events that no one fetch holds come in order, none left out', {
    through: withPage((page, after) => {
      let bytes = 0;
      for (const { payload } of page.events) bytes += payload.length;
      return bytes > 4 * 1024 * 1024 ? { events: [], scannedTo: after } : page;
    }),
  }),
  broken('an event keeps its bytes while the reader goes on', {
    through: (log) => {
      let last: StoredEvent[] = [];
      let readers = 0;
      return withRead(async (read, after, options) => {
        const first = readers++ === 0;
        const page = await read(after, options);
        // Two at once have memory of their own.
        const alone = --readers === 0 && first;
        if (alone) for (const { payload } of last) payload.fill(0);
        last = alone ? page.events : [];
        return page;
      })(log);
    },
  }),
  broken('what was read once is read again the same, also after more was appended', {
    through: (log) => {
      const given = new Set<number>();
      return withPage(({ events, scannedTo }, _after, { upTo }) => {
        const fresh = events.filter(({ position }) => upTo === undefined || events.length < 15 || !given.has(position));
        for (const { position } of fresh) given.add(position);
        return { events: fresh, scannedTo };
      })(log);
    },
  }),
  broken('two readers of one partition at once get their own pages', {
    through: (log) => {
      let underWay: ReturnType<Read> | null = null;
      return withRead((read, after, options) => {
        if (underWay !== null) return underWay;
        const reading = read(after, options).finally(() => {
          underWay = null;
        });
        underWay = reading;
        return reading;
      })(log);
    },
  }),
  broken('readers that take turns, each with its own size of page, read the same', {
    through: (log) => {
      let place = 0;
      return withRead(async (read, after, options) => {
        // Three readers are known by their sizes; all go on where the last of them was.
        if (![3, 5, 11].includes(options.limit) || options.types !== undefined) return read(after, options);
        const page = await read(Math.max(after, place), options);
        place = page.scannedTo;
        return page;
      })(log);
    },
  }),
];
