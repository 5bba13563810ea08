import { newId } from '../../kernel/id.js';
import type { Area } from '../conformance-case.js';
import { CLOSED, CUSTOMER, EventMaker, idsOf, TYPES, UNASSIGNED } from '../made-events.js';
import { appendStretch, decoded, readFrom } from '../reading.js';

export const edges: Area = {
  title: 'where a page begins and ends',
  cases: [
    {
      name: 'a page begins with the event after the position, wherever that is',
      mutation: 'Begins with the batch that the position is in, where no page ended there.',
      async run(on) {
        const { partition, events } = await appendStretch(on, new EventMaker(on).unassignments(25));
        for (const n of [0, 1, 11, 23, 24]) {
          const page = await partition.read(events[n]!.position - 1, { limit: 1 });
          expect(idsOf(page.events.map((event) => decoded(on, '', event)))).toEqual([events[n]!.id]);
        }
      },
    },
    {
      name: 'no event after upTo',
      mutation: 'Gives one event after upTo.',
      async run(on) {
        const { partition, after, events } = await appendStretch(on, new EventMaker(on).unassignments(12));
        for (const n of [0, 5, 10]) {
          const upTo = events[n]!.position;
          const read = await readFrom(on, partition, after, { upTo });
          expect(read.filter(({ position }) => position > upTo)).toEqual([]);
        }
      },
    },
    {
      name: 'the event at upTo is given',
      mutation: 'Ends before upTo.',
      async run(on) {
        const { partition, after, events } = await appendStretch(on, new EventMaker(on).unassignments(12));
        for (const n of [0, 5, 11]) {
          const read = await readFrom(on, partition, after, { upTo: events[n]!.position });
          expect(idsOf(read)).toContain(events[n]!.id);
        }
      },
    },
    {
      name: 'scannedTo is not after upTo',
      mutation: 'Says that it has looked at everything where it looked to upTo.',
      async run(on) {
        const { partition, after, events } = await appendStretch(on, new EventMaker(on).unassignments(12));
        for (const types of [undefined, [CLOSED]]) {
          const { scannedTo } = await partition.read(after, { limit: 100, upTo: events[5]!.position, types });
          expect(scannedTo).toBeLessThanOrEqual(events[5]!.position);
        }
      },
    },
    {
      name: 'scannedTo is not after the end, however far upTo is: what comes there later is not passed over',
      mutation: 'Says that it has looked up to upTo where the log ends before.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const { partition, after } = await appendStretch(on, make.unassignments(3, stream));
        const { scannedTo } = await partition.read(after, { limit: 100, upTo: after + 1000 });
        const later = make.unassigned(stream);
        await on.append([later]);
        expect(idsOf(await readFrom(on, partition, scannedTo))).toEqual([later.id]);
      },
    },
    {
      name: 'scannedTo of an empty page is not after the end, whatever types are asked for',
      mutation: 'Where there is no event of a type, says that it has looked beyond the end.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const { partition, after } = await appendStretch(on, make.unassignments(4, stream));
        let reached = after;
        for (let page = await partition.read(reached, { limit: 10, types: [CLOSED] }); page.scannedTo > reached; ) {
          reached = page.scannedTo;
          page = await partition.read(reached, { limit: 10, types: [CLOSED] });
        }
        const later = make.closed(stream);
        await on.append([later]);
        expect(idsOf(await readFrom(on, partition, reached, { types: [CLOSED] }))).toEqual([later.id]);
      },
    },
    {
      name: 'scannedTo is never before the position that was asked from',
      mutation: 'Goes back to upTo where that is before the position.',
      async run(on) {
        const { partition, after, events } = await appendStretch(on, new EventMaker(on).unassignments(8));
        const from = events[6]!.position;
        const { scannedTo } = await partition.read(from, { limit: 5, upTo: after + 2 });
        expect(scannedTo).toBe(from);
      },
    },
    {
      name: 'who wants none of the events comes to the end all the same',
      mutation: 'Stays where it is when the rest of the log has nothing that is wanted.',
      async run(on) {
        const { partition, after } = await appendStretch(on, new EventMaker(on).unassignments(50));
        let reached = after;
        for (let page = await partition.read(reached, { limit: 10, types: [CLOSED] }); page.scannedTo > reached; ) {
          reached = page.scannedTo;
          page = await partition.read(reached, { limit: 10, types: [CLOSED] });
        }
        expect(reached).toBe(await partition.end());
      },
    },
    {
      name: 'a wanted event after two thousand unwanted ones is found',
      mutation: 'Gives up after a thousand positions and calls it the end.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const made = [...make.unassignments(2000, stream), make.closed(stream)];
        const { partition, after } = await appendStretch(on, made);
        expect(idsOf(await readFrom(on, partition, after, { types: [CLOSED], limit: 5 }))).toEqual([made.at(-1)!.id]);
      },
    },
    {
      name: 'at the end there is nothing, as often as it is asked',
      mutation: 'Gives the last event again to a reader that waits at the end.',
      async run(on) {
        const { partition } = await appendStretch(on, new EventMaker(on).unassignments(5));
        const end = await partition.end();
        for (let i = 0; i < 3; i++) {
          expect(await partition.read(end, { limit: 10 })).toEqual({ events: [], scannedTo: end });
        }
      },
    },
    {
      name: 'beyond the end there is nothing, and the place is kept',
      mutation: 'Begins again at the first event where a position is beyond the end.',
      async run(on) {
        const { partition } = await appendStretch(on, new EventMaker(on).unassignments(5));
        const beyond = (await partition.end()) + 900;
        expect(await partition.read(beyond, { limit: 10 })).toEqual({ events: [], scannedTo: beyond });
        expect(await partition.read(beyond, { limit: 10, types: [UNASSIGNED], upTo: beyond + 5 })).toEqual({
          events: [],
          scannedTo: beyond,
        });
      },
    },
    {
      name: 'an empty partition has an end that a reader arrives at, and no event',
      mutation: 'Waits for the first event of an empty partition.',
      fresh: true,
      async run(on) {
        for (const partition of await on.log.partitionsOf(TYPES)) {
          const end = await partition.end();
          expect(await readFrom(on, partition, 0)).toEqual([]);
          expect(await readFrom(on, partition, 0, { types: [CUSTOMER], upTo: 500 })).toEqual([]);
          const { scannedTo } = await partition.read(end, { limit: 10 });
          expect(scannedTo).toBe(end);
        }
      },
    },
    {
      name: 'an empty log ends at 0, and with its third event at 3',
      mutation: 'Begins to count at 0.',
      needs: 'dense positions',
      fresh: true,
      async run(on) {
        const [partition] = await on.log.partitionsOf([UNASSIGNED]);
        expect(await partition!.end()).toBe(0);
        await on.append(new EventMaker(on).unassignments(3));
        expect(await partition!.end()).toBe(3);
      },
    },
    {
      name: 'the first event of a partition is read from 0 on',
      mutation: 'Takes position 0 for the first event, and begins after it.',
      fresh: true,
      async run(on) {
        const made = new EventMaker(on).unassignments(3);
        await on.append(made);
        const read: string[] = [];
        for (const partition of await on.log.partitionsOf([UNASSIGNED])) {
          read.push(...idsOf(await readFrom(on, partition, 0)));
        }
        expect(read).toEqual(idsOf(made));
      },
    },
  ],
};
