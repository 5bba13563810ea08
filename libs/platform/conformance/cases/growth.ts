import { setTimeout as sleep } from 'node:timers/promises';
import type { WholeLog } from '../../event-log/event-log.js';
import { newId } from '../../kernel/id.js';
import { eventually } from '../../testing/until.js';
import type { Area } from '../conformance-case.js';
import type { Installation } from '../engine-under-test.js';
import { EventMaker, idsOf, TYPES, UNASSIGNED, USER } from '../made-events.js';
import { appendStretch, decoded, inTime, marksOf, type ReadEvent, readFrom, readSince } from '../reading.js';

function wholeLog({ log }: Installation): WholeLog {
  return log as WholeLog;
}

export const growth: Area = {
  title: 'the end, and how the log grows',
  cases: [
    {
      name: 'the end moves with each append',
      mutation: 'Remembers the end that it was asked for first.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const { partition } = await appendStretch(on, [make.unassigned(stream)]);
        for (let i = 0; i < 5; i++) {
          const before = await partition.end();
          await on.append(make.unassignments(3, stream));
          expect(await partition.end()).toBe(before + 3);
        }
      },
    },
    {
      name: 'the end is not after what a reader arrives at',
      mutation: 'Tells the position of the event that comes next.',
      fresh: true,
      async run(on) {
        await on.append(new EventMaker(on).customers(3));
        for (const partition of await on.log.partitionsOf(TYPES)) {
          const end = await partition.end();
          let reached = 0;
          for (let page = await partition.read(0, { limit: 10_000 }); page.scannedTo > reached; ) {
            reached = page.scannedTo;
            page = await partition.read(reached, { limit: 10_000 });
          }
          expect(reached).toBeGreaterThanOrEqual(end);
        }
      },
    },
    {
      name: 'no event can be read beyond an end that was asked for after it',
      mutation: 'Tells the end as it was one event ago.',
      fresh: true,
      async run(on) {
        await on.append(new EventMaker(on).users(4));
        for (const partition of await on.log.partitionsOf([USER])) {
          const { events } = await partition.read(0, { limit: 10 });
          expect(await partition.end()).toBeGreaterThanOrEqual(events.at(-1)?.position ?? 0);
        }
      },
    },
    {
      name: 'a reader that waits at the end gets each event that comes, one by one',
      mutation: 'Once it has said that the log ends here, says so for ever.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const { partition } = await appendStretch(on, [make.unassigned(stream)]);
        let reached = await partition.end();
        expect((await partition.read(reached, { limit: 10 })).events).toEqual([]);
        for (let i = 0; i < 8; i++) {
          const made = make.unassigned(stream);
          await on.append([made]);
          const page = await partition.read(reached, { limit: 10 });
          expect(idsOf(page.events.map((event) => decoded(on, '', event)))).toEqual([made.id]);
          reached = page.scannedTo;
        }
      },
    },
    {
      name: 'a reader that waits at the end gets all events of a group',
      mutation: 'Looks at the first event of a group only, and goes on after the group.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const { partition } = await appendStretch(on, [make.unassigned(stream)]);
        const reached = await partition.end();
        await partition.read(reached, { limit: 10 });
        const made = make.unassignments(5, stream);
        await on.append(made);
        expect(idsOf(await readFrom(on, partition, reached))).toEqual(idsOf(made));
      },
    },
    {
      name: 'beside writers that append and abort, a reader misses nothing and repeats nothing',
      mutation: 'Goes past an event that becomes visible after a later one.',
      async run(on) {
        const writers = await Promise.all([1, 2, 3].map(() => on.anotherWriter()));
        const make = new EventMaker(on);
        const marks = await marksOf(on, [UNASSIGNED]);
        const expected: string[] = [];
        let writing = true;
        const writes = Promise.all(
          writers.map(async (writer) => {
            for (let i = 0; i < 20; i++) {
              const made = make.unassignments(3);
              expected.push(...idsOf(made));
              await writer.append(made);
              if (i % 4 === 0) await writer.abort(make.unassignments(2));
            }
          }),
        ).finally(() => {
          writing = false;
        });
        const read = new Map<string, ReadEvent[]>();
        const reached = new Map(marks);
        const readOn = async () => {
          for (const partition of await on.log.partitionsOf([UNASSIGNED])) {
            const { name } = partition;
            const page = await partition.read(reached.get(name)!, { limit: 7 });
            reached.set(name, page.scannedTo);
            read.set(name, [...(read.get(name) ?? []), ...page.events.map((event) => decoded(on, name, event))]);
          }
        };
        while (writing) await readOn();
        await writes;
        const ids = () => idsOf([...read.values()].flat()).sort();
        await eventually(async () => {
          await readOn();
          expect(ids().length).toBeGreaterThanOrEqual(expected.length);
        }, on.patienceMs);
        expect(ids()).toEqual(expected.sort());
      },
    },
    {
      name: 'what was rolled back is never read',
      mutation: 'Reads what has not been committed.',
      async run(on) {
        const writer = await on.anotherWriter();
        const make = new EventMaker(on);
        const marks = await marksOf(on);
        await writer.abort(make.unassignments(3));
        const made = make.unassignments(2);
        await on.append(made);
        expect(idsOf(await readSince(on, marks))).toEqual(idsOf(made));
      },
    },
    {
      name: 'each event says its place in the store, as the append told it',
      mutation: 'Tells the place in the partition for the place in the store.',
      async run(on) {
        const make = new EventMaker(on);
        const marks = await marksOf(on);
        const made = [...make.customers(10), ...make.users(10), ...make.unassignments(10)];
        const positions = await on.append(made);
        const told = new Map(made.map(({ id }, i) => [id, positions[i]]));
        const read = await readSince(on, marks);
        expect(read).toHaveLength(30);
        for (const { id, storePosition } of read) expect([id, storePosition]).toEqual([id, told.get(id)]);
      },
    },
    {
      name: 'the order of the store holds in every partition',
      mutation: 'Lets a later append overtake an earlier one on its way into the log.',
      async run(on) {
        const make = new EventMaker(on);
        const marks = await marksOf(on, [UNASSIGNED]);
        for (let i = 0; i < 6; i++) {
          await on.append(Array.from({ length: 10 }, () => make.unassigned(newId('conv'))));
        }
        for (const partition of await on.log.partitionsOf([UNASSIGNED])) {
          const events = await readFrom(on, partition, marks.get(partition.name)!);
          const places = events.sort((a, b) => a.position - b.position).map(({ storePosition }) => storePosition);
          expect(places).toEqual([...places].sort((a, b) => a - b));
        }
      },
    },
    {
      name: 'who listens is called soon after somebody else has appended',
      mutation: 'Calls nobody.',
      needs: 'wakes its readers',
      async run(on) {
        const called = new Promise<void>((resolve) => {
          const stop = wholeLog(on).onAppend(() => {
            stop();
            resolve();
          });
        });
        const writer = await on.anotherWriter();
        await writer.append(new EventMaker(on).unassignments(1));
        await inTime(called, 'a call', 500);
      },
    },
    {
      name: 'who has stopped to listen is called no more',
      mutation: 'Keeps those who have stopped to listen.',
      needs: 'wakes its readers',
      async run(on) {
        let calls = 0;
        const stop = wholeLog(on).onAppend(() => {
          calls++;
        });
        stop();
        await on.append(new EventMaker(on).unassignments(1));
        await sleep(50);
        expect(calls).toBe(0);
      },
    },
  ],
};
