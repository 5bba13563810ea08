import { EMBEDDED_PARTITION } from '../../event-log/postgres-event-log.js';
import { rebuild } from '../../projections/rebuild.js';
import { verify } from '../../projections/verify.js';
import { eventually } from '../../testing/until.js';
import type { Area } from '../conformance-case.js';
import type { Installation } from '../engine-under-test.js';
import { EventMaker, idsOf } from '../made-events.js';
import { Witness } from '../witness.js';
import { manyMessages, tenStreams } from './following.js';

/** What following the embedded log up to a position leaves: its cursor, and the rows. */
async function appliedEmbedded(on: Installation, witness: Witness, position: number): Promise<void> {
  const partition = EMBEDDED_PARTITION;
  await witness.placeAt(new Map([[partition, position]]));
  const { rows } = await on.admin.query(
    'select schema_fingerprint as fingerprint, payload from log.events where position <= $1 order by position',
    [position],
  );
  const events = rows.map(({ fingerprint, payload }) => on.codec.decode(fingerprint, payload));
  for (const { text, values } of witness.projection.project(events, (name) => `analytics.${name}`)) {
    await on.admin.query(text, values);
  }
}

export const carrying: Area = {
  title: 'cursors of an embedded log',
  cases: [
    {
      name: 'what was applied on the embedded log is not applied again, and what was not is',
      mutation: 'Begins with the first event after the log has moved.',
      fresh: true,
      async run(on) {
        const make = new EventMaker(on);
        const witness = Witness.fromTheFirst(on);
        const made = manyMessages(make, 5);
        await on.append(made.slice(0, 33));
        await appliedEmbedded(on, witness, 33);
        const [last] = (await on.append(made.slice(33))).slice(-1);
        const member = await on.follow(witness.projection);
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        expect((await witness.heardIds()).sort()).toEqual(idsOf(made).sort());
      },
    },
    {
      name: 'the place is carried once, whoever starts at the same time',
      mutation: 'Lets a member that comes later find no place to carry, and begin at the first event.',
      fresh: true,
      async run(on) {
        const make = new EventMaker(on);
        const witness = Witness.fromTheFirst(on);
        const made = manyMessages(make, 4);
        await on.append(made);
        await appliedEmbedded(on, witness, 40);
        const both = await Promise.all([on.follow(witness.projection), on.follow(witness.projection)]);
        const more = manyMessages(make, 1);
        const [last] = (await on.append(more)).slice(-1);
        for (const one of both) expect(await one.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        expect((await witness.heardIds()).sort()).toEqual(idsOf([...made, ...more]).sort());
      },
    },
    {
      name: 'the embedded log’s cursor goes when the others come',
      mutation: 'Leaves a cursor from which an embedded process would go on.',
      needs: 'several partitions',
      fresh: true,
      async run(on) {
        const make = new EventMaker(on);
        const witness = Witness.fromTheFirst(on);
        await on.append(manyMessages(make, 2));
        await appliedEmbedded(on, witness, 20);
        const [last] = (await on.append(manyMessages(make, 1))).slice(-1);
        const member = await on.follow(witness.projection);
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        const partitions = (await witness.cursors()).map(({ partition }) => partition);
        expect(partitions).not.toContain(EMBEDDED_PARTITION);
        expect(partitions).toHaveLength((await on.log.partitionsOf(witness.projection.types)).length);
      },
    },
    {
      name: 'rows that were carried verify, and are what a rebuild gives',
      mutation: 'Replays from the carried place, and misses what lies before it.',
      fresh: true,
      async run(on) {
        const make = new EventMaker(on);
        const streams = tenStreams();
        const witness = Witness.fromTheFirst(on);
        await on.append(manyMessages(make, 3, streams));
        await appliedEmbedded(on, witness, 25);
        const [last] = (await on.append(manyMessages(make, 1, streams))).slice(-1);
        const member = await on.follow(witness.projection);
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        await eventually(async () => {
          expect(await verify(on.url, witness.projection, on.replaying)).toMatchObject({ equal: true, events: 40 });
        }, on.patienceMs);
        const live = await witness.tally();
        expect(await rebuild(on.url, witness.projection, on.replaying)).toMatchObject({ events: 40, rows: 10 });
        expect(await witness.tally()).toEqual(live);
      },
    },
    {
      name: 'what was set aside on the embedded log still waits, and a rebuild takes it up',
      mutation: 'Drops letters whose partition is no more.',
      fresh: true,
      async run(on) {
        const make = new EventMaker(on);
        const streams = tenStreams();
        const witness = Witness.fromTheFirst(on);
        const made = manyMessages(make, 2, streams);
        await on.append(made);
        await witness.placeAt(new Map([[EMBEDDED_PARTITION, 20]]));
        // All of them were set aside there.
        for (const [i, { id }] of made.entries()) {
          await on.admin.query(
            `insert into analytics.dead_letters (projection, partition, position, event_id, type, cause, attempts)
             values ($1, $2, $3, $4, 'message.created', 'once', 3)`,
            [witness.name, EMBEDDED_PARTITION, i + 1, id],
          );
        }
        const member = await on.follow(witness.projection);
        const [last] = (await on.append(manyMessages(make, 1, streams))).slice(-1);
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        expect((await witness.letters()).filter(({ redriven_at }) => redriven_at === null)).toHaveLength(20);
        await eventually(async () => {
          expect(await verify(on.url, witness.projection, on.replaying)).toMatchObject({ equal: true, events: 10 });
        }, on.patienceMs);
        expect(await rebuild(on.url, witness.projection, on.replaying)).toMatchObject({ events: 30 });
        expect((await witness.letters()).filter(({ redriven_at }) => redriven_at === null)).toEqual([]);
      },
    },
  ],
};
