import { newId } from '../../kernel/id.js';
import type { Area } from '../conformance-case.js';
import { CLOSED, EventMaker, idsOf, MESSAGE, UNASSIGNED } from '../made-events.js';
import { appendStretch, decoded, inTime, marksOf, readFrom } from '../reading.js';

const SIZES = [1, 2, 3, 7, 22, 23, 24];

function mixed(make: EventMaker, count: number, stream: string) {
  return Array.from({ length: count }, (_, i) => (i % 3 === 0 ? make.closed(stream) : make.unassigned(stream)));
}

export const pages: Area = {
  title: 'reading pages',
  cases: [
    {
      name: 'pages of any size lose no event',
      mutation: 'Loses the last event of a page that is full.',
      async run(on) {
        const { partition, after, events } = await appendStretch(on, new EventMaker(on).unassignments(23));
        for (const limit of SIZES) {
          const read = new Set(idsOf(await readFrom(on, partition, after, { limit })));
          expect(idsOf(events).filter((id) => !read.has(id))).toEqual([]);
        }
      },
    },
    {
      name: 'no event comes twice over the boundary of a page',
      mutation: 'Begins a page with the last event of the one before.',
      async run(on) {
        const { partition, after } = await appendStretch(on, new EventMaker(on).unassignments(23));
        for (const limit of SIZES) {
          const read = idsOf(await readFrom(on, partition, after, { limit }));
          expect(read.filter((id, i) => read.indexOf(id) !== i)).toEqual([]);
        }
      },
    },
    {
      name: 'positions rise within a page and from page to page',
      mutation: 'Swaps two neighbours of different streams.',
      async run(on) {
        const make = new EventMaker(on);
        const marks = await marksOf(on, [UNASSIGNED]);
        await on.append(Array.from({ length: 60 }, () => make.unassigned(newId('conv'))));
        for (const partition of await on.log.partitionsOf([UNASSIGNED])) {
          const after = marks.get(partition.name)!;
          const positions = (await readFrom(on, partition, after)).map(({ position }) => position);
          expect(positions).toEqual([...positions].sort((a, b) => a - b));
        }
      },
    },
    {
      name: 'the events of a stream come in the order of their numbers, without a gap',
      mutation: 'Exchanges the contents of two neighbours of one stream.',
      async run(on) {
        const { partition, after } = await appendStretch(on, new EventMaker(on).unassignments(40));
        const seqs = (await readFrom(on, partition, after)).map(({ seq }) => seq);
        expect(seqs).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
      },
    },
    {
      name: 'bytes and fingerprints are those that were written',
      mutation: 'Changes one bit of a sealed field, which still decodes.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const made = [make.message(stream), make.closed(stream), make.message(stream, 'Где мой заказ? 🧵')];
        const { partition, after } = await appendStretch(on, made);
        const bytes = (event: { fingerprint: Buffer; payload: Buffer }) =>
          `${event.fingerprint.toString('hex')} ${event.payload.toString('hex')}`;
        expect((await readFrom(on, partition, after)).map(bytes).sort()).toEqual(made.map(bytes).sort());
      },
    },
    {
      name: 'a page of some types holds no others',
      mutation: 'Does not look at the types.',
      async run(on) {
        const { partition, after } = await appendStretch(on, mixed(new EventMaker(on), 20, newId('conv')));
        const read = await readFrom(on, partition, after, { types: [CLOSED] });
        expect(read.filter(({ type }) => type !== CLOSED)).toEqual([]);
        expect(await readFrom(on, partition, after, { types: ['workspace.renamed'] })).toEqual([]);
      },
    },
    {
      name: 'a page of several types holds all events of each',
      mutation: 'Takes the first of the types only.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const made = Array.from({ length: 24 }, (_, i) =>
          i % 3 === 0 ? make.closed(stream) : i % 3 === 1 ? make.unassigned(stream) : make.message(stream),
        );
        const { partition, after } = await appendStretch(on, made);
        const read = new Set(idsOf(await readFrom(on, partition, after, { types: [CLOSED, MESSAGE] })));
        const wanted = made.filter(({ type }) => type !== UNASSIGNED);
        expect(idsOf(wanted).filter((id) => !read.has(id))).toEqual([]);
      },
    },
    {
      name: 'small pages of one type among others lose none',
      mutation: 'Says of a full page of some types that it has looked at everything.',
      async run(on) {
        const made = mixed(new EventMaker(on), 30, newId('conv'));
        const { partition, after } = await appendStretch(on, made);
        const wanted = idsOf(made.filter(({ type }) => type === CLOSED));
        for (const limit of [1, 2, 3]) {
          const read = new Set(idsOf(await readFrom(on, partition, after, { limit, types: [CLOSED] })));
          expect(wanted.filter((id) => !read.has(id))).toEqual([]);
        }
      },
    },
    {
      name: 'a page has no more events than were asked for',
      mutation: 'Rounds a page up to whole batches.',
      async run(on) {
        const { partition, after } = await appendStretch(on, new EventMaker(on).unassignments(30));
        for (const limit of [1, 5, 29]) {
          for (const types of [undefined, [UNASSIGNED]]) {
            const { events } = await partition.read(after, { limit, types });
            expect(events.length).toBeLessThanOrEqual(limit);
          }
        }
      },
    },
    {
      name: 'three thousand events come in one page and in many, none left out between two',
      mutation: 'Drops the middle of a page that is large.',
      async run(on) {
        const made = new EventMaker(on).unassignments(3000);
        const { partition, after } = await appendStretch(on, made);
        for (const limit of [10_000, 1000]) {
          const read = await readFrom(on, partition, after, { limit });
          expect(read).toHaveLength(3000);
          expect(idsOf(read)).toEqual(idsOf(made));
        }
      },
    },
    {
      name: 'an event of 600 kB comes whole',
      mutation: 'Passes over an event that is larger than half a megabyte.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const made = [make.message(stream), make.message(stream, 'x'.repeat(600_000)), make.message(stream)];
        const { partition, after } = await appendStretch(on, made);
        const read = await readFrom(on, partition, after);
        expect(read.map(({ payload }) => payload.length)).toEqual(made.map(({ payload }) => payload.length));
        expect(read[1]!.payload.equals(made[1]!.payload)).toBe(true);
      },
    },
    {
      name: 'large events that no one fetch holds come in order, none left out',
      mutation: 'Takes the end of what one fetch brought for the end of the log.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const made = Array.from({ length: 16 }, () => make.message(stream, 'x'.repeat(300_000)));
        const { partition, after } = await appendStretch(on, made);
        for (const limit of [100, 3])
          expect(idsOf(await readFrom(on, partition, after, { limit }))).toEqual(idsOf(made));
      },
    },
    {
      name: 'an event keeps its bytes while the reader goes on',
      mutation: 'Reads the next page into the memory of the last one.',
      async run(on) {
        const { partition, after } = await appendStretch(on, new EventMaker(on).unassignments(20));
        const first = await partition.read(after, { limit: 10 });
        const bytes = first.events.map(({ payload }) => payload.toString('hex'));
        await partition.read(first.scannedTo, { limit: 10 });
        await partition.read(after, { limit: 20 });
        expect(first.events.map(({ payload }) => payload.toString('hex'))).toEqual(bytes);
      },
    },
    {
      name: 'what was read once is read again the same, also after more was appended',
      mutation: 'Gives an event to one reader only.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const { partition, after } = await appendStretch(on, make.unassignments(15, stream));
        const end = await partition.end();
        const first = await readFrom(on, partition, after, { upTo: end });
        expect(await readFrom(on, partition, after, { upTo: end })).toEqual(first);
        await on.append(make.unassignments(5, stream));
        expect(await readFrom(on, partition, after, { upTo: end })).toEqual(first);
      },
    },
    {
      name: 'two readers of one partition at once get their own pages',
      mutation: 'Gives a read that comes while another is under way the page of that one.',
      async run(on) {
        const { partition, after, events } = await appendStretch(on, new EventMaker(on).unassignments(60));
        const begins = [0, 20, 40, 0, 20, 40];
        const read = await Promise.all(begins.map((n) => partition.read(after + n, { limit: 10 })));
        const expected = begins.map((n) => idsOf(events.slice(n, n + 10)));
        expect(read.map((page) => idsOf(page.events.map((event) => decoded(on, '', event))))).toEqual(expected);
      },
    },
    {
      name: 'readers that take turns, each with its own size of page, read the same',
      mutation: 'Remembers one place for all readers.',
      async run(on) {
        const { partition, after, events } = await appendStretch(on, new EventMaker(on).unassignments(40));
        const reading = [3, 5, 11].map((limit) => ({ limit, reached: after, ids: [] as string[] }));
        for (let round = 0; round < 20; round++) {
          for (const reader of reading) {
            const page = await inTime(partition.read(reader.reached, { limit: reader.limit }), 'a page', on.patienceMs);
            reader.reached = page.scannedTo;
            reader.ids.push(...idsOf(page.events.map((event) => decoded(on, '', event))));
          }
        }
        for (const { ids } of reading) expect(ids).toEqual(idsOf(events));
      },
    },
  ],
};
