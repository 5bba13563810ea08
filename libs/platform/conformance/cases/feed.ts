import { newId } from '../../kernel/id.js';
import { eventually } from '../../testing/until.js';
import type { Area } from '../conformance-case.js';
import type { Installation } from '../engine-under-test.js';
import { EventMaker, idsOf, type MadeEvent } from '../made-events.js';
import { inTime, type ReadEvent, readFrom } from '../reading.js';
import { manyMessages } from './following.js';

/** Events of three domains and many streams, none of two neighbours on the same one. */
function mixed(make: EventMaker): MadeEvent[] {
  const messages = manyMessages(make, 2);
  const others = [...make.customers(10), ...make.users(10)];
  return messages.flatMap((message, i) => [message, others[i]!]);
}

async function readable(on: Installation, position: number): Promise<void> {
  const feedOfAll = await on.feed();
  await eventually(async () => expect(await feedOfAll.end()).toBeGreaterThanOrEqual(position), on.patienceMs);
}

async function appendToFeed(on: Installation, made: readonly MadeEvent[]): Promise<{ after: number; last: number }> {
  const positions = await on.append(made);
  await readable(on, positions.at(-1)!);
  return { after: positions[0]! - 1, last: positions.at(-1)! };
}

const bytesOf = (event: ReadEvent | MadeEvent) => event.payload.toString('hex');

export const feed: Area = {
  title: 'the feed',
  cases: [
    {
      name: 'the events of all domains come in the order of the store',
      mutation: 'Gives the events in the order in which they arrived.',
      async run(on) {
        const made = mixed(new EventMaker(on));
        const { after } = await appendToFeed(on, made);
        expect(idsOf(await readFrom(on, await on.feed(), after))).toEqual(idsOf(made));
      },
    },
    {
      name: 'an event has in the feed the position that its append told, and its bytes',
      mutation: 'Counts the events of the feed anew.',
      async run(on) {
        const made = mixed(new EventMaker(on));
        const { after } = await appendToFeed(on, made);
        const read = await readFrom(on, await on.feed(), after);
        expect(read.map(({ position, storePosition }) => [position, storePosition])).toEqual(
          made.map((_, i) => [after + 1 + i, after + 1 + i]),
        );
        expect(read.map(bytesOf)).toEqual(made.map(bytesOf));
      },
    },
    {
      name: 'a cursor in the middle of it leads to what the store has after that position',
      mutation: 'Takes a position of the store for a place in the feed.',
      async run(on) {
        const made = mixed(new EventMaker(on));
        const { after } = await appendToFeed(on, made);
        for (const n of [0, 1, 17, 39]) {
          const { rows } = await on.admin.query<{ position: string }>(
            'select position from log.events where position > $1 order by position limit 5',
            [after + n],
          );
          const { events } = await (await on.feed()).read(after + n, { limit: 5 });
          expect(events.map(({ position }) => position)).toEqual(rows.map(({ position }) => Number(position)));
        }
      },
    },
    {
      name: 'a reader that follows along while many write sees no hole, at no moment',
      mutation: 'Shows an event before all that stand before it.',
      async run(on) {
        const make = new EventMaker(on);
        const writers = await Promise.all([1, 2, 3].map(() => on.anotherWriter()));
        let reached = await (await on.feed()).end();
        const begin = reached;
        let last = 0;
        let writing = true;
        const writes = Promise.all(
          writers.map(async (writer) => {
            for (let i = 0; i < 12; i++) {
              const positions = await writer.append([make.message(newId('conv')), ...make.customers(2)]);
              last = Math.max(last, positions.at(-1)!);
            }
          }),
        ).finally(() => {
          writing = false;
        });
        const seen: number[] = [];
        const readOn = async () => {
          const page = await (await on.feed()).read(reached, { limit: 10 });
          seen.push(...page.events.map(({ position }) => position));
          reached = page.scannedTo;
        };
        while (writing) await readOn();
        await writes;
        await eventually(async () => {
          await readOn();
          expect(reached).toBeGreaterThanOrEqual(last);
        }, on.patienceMs);
        expect(seen).toEqual(Array.from({ length: last - begin }, (_, i) => begin + 1 + i));
      },
    },
    {
      name: 'its readers are called when there is more',
      mutation: 'Leaves readers of the feed to look from time to time.',
      async run(on) {
        const feedOfAll = await on.feed();
        const called = new Promise<void>((resolve) => {
          const stop = feedOfAll.onAppend(() => {
            stop();
            resolve();
          });
        });
        await on.append(new EventMaker(on).messages(1));
        await inTime(called, 'a call', on.patienceMs);
      },
    },
    {
      name: 'bytes that are no event do not stop it',
      mutation: 'Waits at an event that it cannot read.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const made = [...make.messages(2, stream), make.garbage(stream), ...make.messages(2, stream)];
        const { last } = await appendToFeed(on, made);
        const { events } = await (await on.feed()).read(last - 1, { limit: 1 });
        expect(events.map(({ position }) => position)).toEqual([last]);
      },
    },
    {
      name: 'what cannot be read is left out, and its position with it',
      mutation: 'Hands its readers what it could not read itself.',
      needs: 'a feed of its own',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const made = [...make.messages(2, stream), make.garbage(stream), ...make.messages(2, stream)];
        const { after } = await appendToFeed(on, made);
        const read = await readFrom(on, await on.feed(), after);
        expect(idsOf(read)).toEqual(idsOf(made).filter((id) => id !== ''));
        expect(read.map(({ position }) => position - after)).toEqual([1, 2, 4, 5]);
      },
    },
  ],
};
