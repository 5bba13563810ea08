import { rebuild } from '../../projections/rebuild.js';
import { verify } from '../../projections/verify.js';
import { eventually } from '../../testing/until.js';
import type { Area } from '../conformance-case.js';
import type { Installation, Member } from '../engine-under-test.js';
import { CUSTOMER, EventMaker, MESSAGE } from '../made-events.js';
import { marksOf } from '../reading.js';
import { Witness } from '../witness.js';
import { manyMessages, tenStreams } from './following.js';

interface Followed {
  make: EventMaker;
  witness: Witness;
  member: Member;
  streams: string[];
  /** What the log holds for it: 60 events of ten streams, 20 others, and what was there before. */
  inTheLog: { events: number; rows: number };
}

const TYPES = [MESSAGE, CUSTOMER];

/** A projection that has applied everything there is, and whose read model is the only one in its table. */
async function followedFromTheFirst(on: Installation, dead: readonly number[] = []): Promise<Followed> {
  const make = new EventMaker(on);
  await on.admin.query('delete from analytics.tally');
  const witness = Witness.fromTheFirst(on, TYPES);
  const streams = tenStreams();
  const made = [...manyMessages(make, 6, streams), ...make.customers(20)];
  for (const n of dead) witness.poison.add(made[n]!.id);
  const [last] = (await on.append(made)).slice(-1);
  const member = await on.follow(witness.projection);
  expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
  await eventually(async () => expect((await witness.letters()).length).toBe(dead.length), on.patienceMs);
  const counted = await on.admin.query<{ events: number; rows: number }>(
    `select count(*)::integer as events, count(distinct stream)::integer as rows from log.events where type = any ($1)`,
    [TYPES],
  );
  return { make, witness, member, streams, inTheLog: counted.rows[0]! };
}

async function eventsTallied(witness: Witness): Promise<number> {
  return (await witness.tally()).reduce((sum, { events }) => sum + events, 0);
}

const rebuilt = (on: Installation, { projection }: Witness) => rebuild(on.url, projection, on.replaying);
const verified = (on: Installation, { projection }: Witness) => verify(on.url, projection, on.replaying);

export const rebuilding: Area = {
  title: 'rebuilding and verifying',
  apart: true,
  cases: [
    {
      name: 'what is rebuilt from the log is what following made, row for row',
      mutation: 'Replays one partition only.',
      async run(on) {
        const { witness, member, inTheLog } = await followedFromTheFirst(on);
        const live = await witness.tally();
        expect(await rebuilt(on, witness)).toMatchObject(inTheLog);
        expect(await witness.tally()).toEqual(live);
        await member.close();
      },
    },
    {
      name: 'rows that were lost, altered or made up are put right',
      mutation: 'Rebuilds on top of the rows that are there.',
      async run(on) {
        const { witness, member } = await followedFromTheFirst(on);
        const live = await witness.tally();
        await on.admin.query(
          `update analytics.tally set events = 99 where stream in (select min(stream) from analytics.tally)`,
        );
        await on.admin.query(`delete from analytics.tally where stream in (select max(stream) from analytics.tally)`);
        await on.admin.query(`insert into analytics.tally values ($1, 'conv_nobody', 1, 1, 1)`, [witness.name]);
        await rebuilt(on, witness);
        expect(await witness.tally()).toEqual(live);
        await member.close();
      },
    },
    {
      name: 'a member follows on from where the rebuilt rows are',
      mutation: 'Leaves the cursor where it was when the rebuild began.',
      async run(on) {
        const { witness, member, make, streams } = await followedFromTheFirst(on);
        await rebuilt(on, witness);
        expect((await witness.cursors()).every(({ generation }) => generation === 1)).toBe(true);
        const [last] = (await on.append(manyMessages(make, 2, streams))).slice(-1);
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        await eventually(async () => expect(await verified(on, witness)).toMatchObject({ equal: true }), on.patienceMs);
        await member.close();
      },
    },
    {
      name: 'while events are appended and followed, none is lost and none doubled',
      mutation: 'Puts the tables in place as they were before the last events came.',
      async run(on) {
        const { witness, member, make, streams, inTheLog } = await followedFromTheFirst(on);
        let appending = true;
        let last = 0;
        let appended = 0;
        const appends = (async () => {
          while (appending) {
            last = (await on.append(manyMessages(make, 1, streams))).at(-1)!;
            appended += 10;
          }
        })();
        for (let i = 0; i < 3; i++) await rebuilt(on, witness);
        appending = false;
        await appends;
        expect(await member.waitFor(witness.name, last, on.patienceMs)).toBe(true);
        await eventually(async () => {
          expect(await eventsTallied(witness)).toBe(inTheLog.events + appended);
        }, on.patienceMs);
        await member.close();
      },
    },
    {
      name: 'events that still fail stay set aside, and those that do not are in the rows',
      mutation: 'Forgets the letters with the rows.',
      async run(on) {
        const { witness, member, inTheLog } = await followedFromTheFirst(on, [5, 31]);
        const [first] = [...witness.poison];
        witness.poison.delete(first!);
        expect(await rebuilt(on, witness)).toMatchObject({ events: inTheLog.events - 1 });
        const waiting = (await witness.letters()).filter(({ redriven_at }) => redriven_at === null);
        expect(waiting.map(({ event_id }) => event_id)).toEqual([...witness.poison]);
        await member.close();
      },
    },
    {
      name: 'a projection that had diverged follows again',
      mutation: 'Keeps the alarm for ever.',
      async run(on) {
        const make = new EventMaker(on);
        const streams = tenStreams();
        await on.append(manyMessages(make, 3, streams));
        await on.admin.query('delete from analytics.tally');
        const witness = Witness.fromTheFirst(on);
        const ends = await marksOf(on, [MESSAGE]);
        await witness.placeAt(new Map([...ends].map(([name, end]) => [name, end + 40])));
        const member = await on.follow(witness.projection);
        await eventually(async () => {
          expect((await witness.cursors()).every(({ diverged }) => diverged)).toBe(true);
        }, on.patienceMs);
        await rebuilt(on, witness);
        const [last] = (await on.append(manyMessages(make, 1, streams))).slice(-1);
        expect(await member.waitFor(witness.name, last!, 2 * on.patienceMs)).toBe(true);
        const theirs = (await witness.tally()).filter(({ stream }) => streams.includes(stream));
        expect(theirs.map(({ events }) => events)).toEqual(streams.map(() => 4));
        await member.close();
      },
    },
    {
      name: 'a verification passes where the rows are what the log gives',
      mutation: 'Compares with a log that ends elsewhere than the cursors.',
      async run(on) {
        const { witness, member, inTheLog } = await followedFromTheFirst(on);
        expect(await verified(on, witness)).toMatchObject({ equal: true, ...inTheLog, differences: [] });
        await member.close();
      },
    },
    {
      name: 'a verification finds one altered row',
      mutation: 'Compares counts of rows.',
      async run(on) {
        const { witness, member, streams } = await followedFromTheFirst(on);
        await on.admin.query('update analytics.tally set events = events + 1 where stream = $1', [streams[3]]);
        expect(await verified(on, witness)).toMatchObject({
          equal: false,
          differences: [{ altered: 1, missing: 0, extra: 0 }],
        });
        await member.close();
      },
    },
    {
      name: 'a verification finds an event that was passed over without having been applied',
      mutation: 'Takes the cursors for what was applied.',
      async run(on) {
        const make = new EventMaker(on);
        const streams = tenStreams();
        await on.append(manyMessages(make, 1, streams));
        await on.admin.query('delete from analytics.tally');
        const witness = Witness.fromTheFirst(on);
        await witness.placeAt(await marksOf(on, [MESSAGE]));
        const [last] = (await on.append(manyMessages(make, 1, streams))).slice(-1);
        const member = await on.follow(witness.projection);
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        expect(await verified(on, witness)).toMatchObject({ equal: false, differences: [{ altered: 10 }] });
        await member.close();
      },
    },
    {
      name: 'a verification is exact beside letters, waiting and re-driven',
      mutation: 'Expects the rows to hold what was set aside.',
      async run(on) {
        const { witness, member, inTheLog } = await followedFromTheFirst(on, [5, 31]);
        const { events } = inTheLog;
        expect(await verified(on, witness)).toMatchObject({ equal: true, events: events - 2 });
        witness.poison.clear();
        await member.redrive(witness.name);
        expect(await verified(on, witness)).toMatchObject({ equal: true, events });
        await member.close();
      },
    },
    {
      name: 'a verification is exact while events are appended and followed',
      mutation: 'Reads rows and cursors one after the other.',
      async run(on) {
        const { witness, member, make, streams } = await followedFromTheFirst(on);
        let appending = true;
        const appends = (async () => {
          while (appending) await on.append(manyMessages(make, 1, streams));
        })();
        const reports = [];
        for (let i = 0; i < 3; i++) reports.push(await verified(on, witness));
        appending = false;
        await appends;
        expect(reports.map(({ equal }) => equal)).toEqual([true, true, true]);
        await member.close();
      },
    },
  ],
};
