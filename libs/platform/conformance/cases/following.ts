import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../kernel/id.js';
import { eventually } from '../../testing/until.js';
import type { Area } from '../conformance-case.js';
import type { Installation } from '../engine-under-test.js';
import { CLOSED, CUSTOMER, EventMaker, idsOf, type MadeEvent, MESSAGE, USER } from '../made-events.js';
import { inTime, marksOf } from '../reading.js';
import { Witness } from '../witness.js';

/** Ten streams, so that they lie in several partitions where there are several. */
export function manyMessages(make: EventMaker, rounds: number, streams = tenStreams()): MadeEvent[] {
  return Array.from({ length: rounds }, () => streams.map((stream) => make.message(stream))).flat();
}

export function tenStreams(): string[] {
  return Array.from({ length: 10 }, () => newId('conv'));
}

async function renameTally(on: Installation, from: string, to: string): Promise<void> {
  await on.admin.query(`alter table analytics.${from} rename to ${to}`);
}

export const following: Area = {
  title: 'following',
  cases: [
    {
      name: 'what is there when a member starts is applied, and what comes then',
      mutation: 'Begins with what comes after the start.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const streams = tenStreams();
        const made = manyMessages(make, 3, streams);
        await on.append(made);
        const member = await on.follow(witness.projection);
        for (let i = 0; i < 5; i++) {
          const more = manyMessages(make, 1, streams);
          made.push(...more);
          await on.append(more);
        }
        await eventually(async () => {
          const heard = new Set(await witness.heardIds());
          expect(idsOf(made).filter((id) => !heard.has(id))).toEqual([]);
        }, on.patienceMs);
        await member.close();
      },
    },
    {
      name: 'no event is applied twice',
      mutation: 'Applies the last event of a page again with the next one.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const member = await on.follow(witness.projection);
        const streams = tenStreams();
        let last = 0;
        for (let i = 0; i < 20; i++) last = (await on.append(manyMessages(make, 1, streams))).at(-1)!;
        expect(await member.waitFor(witness.name, last, on.patienceMs)).toBe(true);
        const ids = await witness.heardIds();
        expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
        await member.close();
      },
    },
    {
      name: 'the events of a stream are applied in order',
      mutation: 'Applies the events of a page from the last to the first.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const [last] = (await on.append(manyMessages(make, 30))).slice(-1);
        const member = await on.follow(witness.projection);
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        const seqs = new Map<string, number[]>();
        for (const { stream, seq } of await witness.heard()) seqs.set(stream, [...(seqs.get(stream) ?? []), seq]);
        for (const of of seqs.values()) expect(of).toEqual([...of].sort((a, b) => a - b));
        await member.close();
      },
    },
    {
      name: 'a projection is given the types that it names, and no others',
      mutation: 'Forgets the types between the log and the projection.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const witness = await Witness.fromHere(on, [CLOSED]);
        const member = await on.follow(witness.projection);
        const wanted = make.closed(stream);
        const [last] = (await on.append([...make.messages(5, stream), wanted, ...make.messages(5, stream)])).slice(-1);
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        expect(await witness.heardIds()).toEqual([wanted.id]);
        await member.close();
      },
    },
    {
      name: 'a projection of several domains is given the events of all',
      mutation: 'Follows the topic of the first type.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on, [CUSTOMER, MESSAGE, USER]);
        const member = await on.follow(witness.projection);
        const made = [...make.customers(5), ...make.users(5), ...make.messages(5)];
        const [last] = (await on.append(made)).slice(-1);
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        await eventually(
          async () => expect((await witness.heardIds()).sort()).toEqual(idsOf(made).sort()),
          on.patienceMs,
        );
        await member.close();
      },
    },
    {
      name: 'a member goes on where the last one stopped',
      mutation: 'Begins one event after its cursor.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const stream = newId('conv');
        const made = make.messages(12, stream);
        for (let i = 0; i < made.length; i += 4) {
          const [last] = (await on.append(made.slice(i, i + 4))).slice(-1);
          const member = await on.follow(witness.projection);
          expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
          await member.close();
        }
        expect(await witness.heardIds()).toEqual(idsOf(made));
      },
    },
    {
      name: 'restarted at any moment, it applies each event once',
      mutation: 'Moves the cursor before the rows.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const made: MadeEvent[] = [];
        let last = 0;
        for (let i = 0; i < 3; i++) {
          const member = await on.follow(witness.projection);
          const more = manyMessages(make, 2);
          made.push(...more);
          const appended = on.append(more);
          await sleep(i * 8);
          await member.close();
          last = (await appended).at(-1)!;
        }
        const member = await on.follow(witness.projection);
        expect(await member.waitFor(witness.name, last, on.patienceMs)).toBe(true);
        expect((await witness.heardIds()).sort()).toEqual(idsOf(made).sort());
        await member.close();
      },
    },
    {
      name: 'rows and cursor are seen together at every moment',
      mutation: 'Writes the rows in a transaction of their own.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const member = await on.follow(witness.projection);
        const before = (await witness.cursors()).reduce((sum, { next }) => sum + next, 0);
        let appending = true;
        const appends = (async () => {
          // None but wanted events, so that each moves a cursor by one.
          for (let i = 0; i < 40; i++) await on.append(make.messages(3));
          appending = false;
        })();
        const apart: unknown[] = [];
        while (appending) {
          const { rows } = await on.admin.query<{ moved: string; events: number }>(
            `select (select sum(next) from analytics.projections where name = $1)::integer - $2::integer as moved,
                    (select count(*) from analytics.witnessed where projection = $1)::integer as events`,
            [witness.name, before],
          );
          if (Number(rows[0]!.moved) !== rows[0]!.events) apart.push(rows[0]);
        }
        await appends;
        expect(apart).toEqual([]);
        await member.close();
      },
    },
    {
      name: 'on an empty log it waits for the first event',
      mutation: 'Ends with the log where there is none yet.',
      fresh: true,
      async run(on) {
        const witness = Witness.fromTheFirst(on);
        const member = await on.follow(witness.projection);
        expect(await member.waitFor(witness.name, 1, 300)).toBe(false);
        const made = new EventMaker(on).messages(3);
        await on.append(made);
        expect(await member.waitFor(witness.name, 3, on.patienceMs)).toBe(true);
        expect(await witness.heardIds()).toEqual(idsOf(made));
      },
    },
    {
      name: 'a projection that is new begins with the first event of the log',
      mutation: 'Begins a new projection at the end.',
      fresh: true,
      async run(on) {
        const make = new EventMaker(on);
        const made = manyMessages(make, 9);
        await on.append(made);
        const early = Witness.fromTheFirst(on);
        await (await on.follow(early.projection)).waitFor(early.name, 90, on.patienceMs);
        const late = Witness.fromTheFirst(on);
        const member = await on.follow(late.projection);
        expect(await member.waitFor(late.name, 90, on.patienceMs)).toBe(true);
        expect((await late.heardIds()).sort()).toEqual(idsOf(made).sort());
      },
    },
    {
      name: 'five thousand events that wait are applied, each once',
      mutation: 'Applies the first page of a backlog twice.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const streams = tenStreams();
        const made = manyMessages(make, 500, streams);
        let last = 0;
        for (let i = 0; i < made.length; i += 1000) last = (await on.append(made.slice(i, i + 1000))).at(-1)!;
        const member = await on.follow(witness.projection);
        expect(await member.waitFor(witness.name, last, on.patienceMs)).toBe(true);
        expect((await witness.tally()).map(({ events }) => events)).toEqual(streams.map(() => 500));
        await member.close();
      },
    },
    {
      name: 'unwanted events are passed over, and the place is kept to within a thousand positions',
      mutation: 'Moves the cursor with wanted events only.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on, [CLOSED]);
        const member = await on.follow(witness.projection);
        await on.append(make.messages(2500));
        const ends = await marksOf(on, [CLOSED]);
        await eventually(async () => {
          for (const { partition, next } of await witness.cursors()) {
            expect(ends.get(partition)! - (next - 1)).toBeLessThanOrEqual(1000);
          }
        }, on.patienceMs);
        await member.close();
      },
    },
    {
      name: 'a projection that fails does not hold up the others of its service',
      mutation: 'Keeps all projections of a service in one transaction.',
      async run(on) {
        const make = new EventMaker(on);
        const [failing, sound] = [await Witness.fromHere(on), await Witness.fromHere(on)];
        const { projection } = failing;
        const missing = { text: 'select * from analytics.nowhere' };
        const member = await on.follow({ ...projection, project: () => [missing] }, sound.projection);
        const [last] = (await on.append(make.messages(5))).slice(-1);
        expect(await member.waitFor(sound.name, last!, on.patienceMs)).toBe(true);
        await eventually(() => {
          const status = member.status().find((one) => one.projection === failing.name);
          expect(status).toMatchObject({ state: 'failing', error: expect.stringContaining('42P01') });
        }, on.patienceMs);
        expect(await failing.letters()).toEqual([]);
        await member.close();
      },
    },
    {
      name: 'for a table that is not there no event is blamed, and it goes on when it is',
      mutation: 'Takes every error for the fault of the event.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        await renameTally(on, 'tally', 'elsewhere');
        const member = await on.follow(witness.projection);
        const made = make.messages(5);
        const [last] = (await on.append(made)).slice(-1);
        await eventually(() => expect(member.status()[0]!.state).toBe('failing'), on.patienceMs).finally(() =>
          renameTally(on, 'elsewhere', 'tally'),
        );
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        expect(await witness.letters()).toEqual([]);
        expect(await witness.heardIds()).toEqual(idsOf(made));
        await member.close();
      },
    },
    {
      name: 'the lag grows while nothing can be applied, and is 0 when all has been',
      mutation: 'Tells the lag as it was when the last page was read.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const member = await on.follow(witness.projection);
        const [first] = (await on.append(make.messages(1))).slice(-1);
        expect(await member.waitFor(witness.name, first!, on.patienceMs)).toBe(true);
        await renameTally(on, 'tally', 'elsewhere');
        const [last] = (await on.append(make.messages(50))).slice(-1);
        await eventually(
          () => expect(member.status()[0]!.lagPositions).toBeGreaterThanOrEqual(50),
          on.patienceMs,
        ).finally(() => renameTally(on, 'elsewhere', 'tally'));
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        await eventually(() => expect(member.status()[0]!.lagPositions).toBe(0), on.patienceMs);
        await member.close();
      },
    },
    {
      name: 'it goes on by itself when Postgres was away, and blames no event',
      mutation: 'Ends with its first connection.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const member = await on.follow(witness.projection);
        const made = manyMessages(make, 1);
        const [first] = (await on.append(made)).slice(-1);
        expect(await member.waitFor(witness.name, first!, on.patienceMs)).toBe(true);
        member.losePostgres();
        const more = manyMessages(make, 2);
        const [last] = (await on.append(more)).slice(-1);
        expect(await member.waitFor(witness.name, last!, 200)).toBe(false);
        member.findPostgres();
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        expect((await witness.heardIds()).sort()).toEqual(idsOf([...made, ...more]).sort());
        expect(await witness.letters()).toEqual([]);
        await member.close();
      },
    },
    {
      name: 'after its end a member applies nothing',
      mutation: 'Lets a page that was on its way be applied after the end.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        const member = await on.follow(witness.projection);
        const make = new EventMaker(on);
        const [first] = (await on.append(make.messages(1))).slice(-1);
        expect(await member.waitFor(witness.name, first!, on.patienceMs)).toBe(true);
        await member.close();
        await on.append(make.messages(5));
        await sleep(150);
        expect(await witness.heard()).toHaveLength(1);
      },
    },
    {
      name: 'an inline projection is not followed',
      mutation: 'Applies an inline projection a second time.',
      async run(on) {
        const [inline, followed] = [await Witness.fromHere(on), await Witness.fromHere(on)];
        const member = await on.follow({ ...inline.projection, inline: true }, followed.projection);
        const [last] = (await on.append(new EventMaker(on).messages(3))).slice(-1);
        expect(await member.waitFor(followed.name, last!, on.patienceMs)).toBe(true);
        expect(member.status().map(({ projection }) => projection)).toEqual([followed.name]);
        expect(await inline.heard()).toEqual([]);
        await member.close();
      },
    },
    {
      name: 'a cursor beyond the end stops its projection with an alarm, and nothing is applied',
      mutation: 'Begins again at the first event where its place is not in the log.',
      async run(on) {
        const make = new EventMaker(on);
        await on.append(manyMessages(make, 2));
        const witness = Witness.fromTheFirst(on);
        const ends = await marksOf(on, [MESSAGE]);
        await witness.placeAt(new Map([...ends].map(([name, end]) => [name, end + 40])));
        const member = await on.follow(witness.projection);
        await eventually(() => {
          expect(member.status()[0]).toMatchObject({ state: 'diverged', error: expect.stringContaining('ebuild') });
        }, on.patienceMs);
        expect(await witness.heard()).toEqual([]);
        await member.close();
      },
    },
    {
      name: 'who has diverged stays so when the log has grown past the place, also after a restart',
      mutation: 'Forgets that it has diverged, and goes on where another history has other events.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = Witness.fromTheFirst(on);
        const ends = await marksOf(on, [MESSAGE]);
        await witness.placeAt(new Map([...ends].map(([name, end]) => [name, end + 2])));
        const stopped = async () => {
          const member = await on.follow(witness.projection);
          await eventually(async () => {
            expect(member.status()[0]!.state).toBe('diverged');
            expect((await witness.cursors()).every(({ diverged }) => diverged)).toBe(true);
          }, on.patienceMs);
          await member.close();
        };
        await stopped();
        for (let i = 0; i < 10; i++) await on.append(manyMessages(make, 1));
        await stopped();
        expect(await witness.heard()).toEqual([]);
      },
    },
    {
      name: 'who waits for a projection that has diverged is told no, wherever its cursor stands',
      mutation: 'Takes a place beyond the end for everything before it.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = Witness.fromTheFirst(on);
        const ends = await marksOf(on, [MESSAGE]);
        await witness.placeAt(new Map([...ends].map(([name, end]) => [name, end + 40])));
        const member = await on.follow(witness.projection);
        await eventually(() => expect(member.status()[0]!.state).toBe('diverged'), on.patienceMs);
        const [last] = (await on.append(make.messages(1))).slice(-1);
        expect(await member.waitFor(witness.name, last!, 300)).toBe(false);
        await member.close();
      },
    },
    {
      name: 'who waits for a position finds its rows',
      mutation: 'Says that it has arrived when the page has been read, before it is written.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const member = await on.follow(witness.projection);
        for (let i = 0; i < 15; i++) {
          const made = make.messages(2);
          const [last] = (await on.append(made)).slice(-1);
          expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
          expect(await witness.heardIds()).toEqual(expect.arrayContaining(idsOf(made)));
        }
        await member.close();
      },
    },
    {
      name: 'who waits for the position of an unwanted event is answered, too',
      mutation: 'Knows the positions of wanted events only.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on, [CLOSED]);
        const member = await on.follow(witness.projection);
        const [last] = (await on.append([...make.messages(3), ...make.customers(1)])).slice(-1);
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        await member.close();
      },
    },
    {
      name: 'who waits in vain is told so after the time that was given',
      mutation: 'Says yes to everybody when the time is over.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        const member = await on.follow(witness.projection);
        const [last] = await on.append(new EventMaker(on).messages(1));
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        const begin = performance.now();
        expect(await member.waitFor(witness.name, last! + 100, 200)).toBe(false);
        expect(performance.now() - begin).toBeGreaterThan(150);
        await member.close();
      },
    },
    {
      name: 'who waits for what was applied before a restart is answered without a new event',
      mutation: 'Knows no position before the first page after a start.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        const [last] = (await on.append(manyMessages(new EventMaker(on), 1))).slice(-1);
        for (let i = 0; i < 2; i++) {
          const member = await on.follow(witness.projection);
          expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
          await member.close();
        }
      },
    },
    {
      name: 'all who wait are answered, each when its position is there',
      mutation: 'Remembers the last one who waits only.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const member = await on.follow(witness.projection);
        const [first] = await on.append(make.messages(1));
        const waiting = [3, 1, 2, 3].map((n) => member.waitFor(witness.name, first! + n, on.patienceMs));
        for (let i = 0; i < 3; i++) await on.append(make.messages(1));
        expect(await Promise.all(waiting)).toEqual([true, true, true, true]);
        await member.close();
      },
    },
    {
      name: 'the end of a member ends the waiting, with no',
      mutation: 'Leaves those who wait to their own time.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        const member = await on.follow(witness.projection);
        const waiting = member.waitFor(witness.name, 1_000_000_000, 60_000);
        await sleep(20);
        await member.close();
        expect(await inTime(waiting, 'an answer', on.patienceMs)).toBe(false);
      },
    },
  ],
};
