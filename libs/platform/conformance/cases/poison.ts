import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../kernel/id.js';
import { eventually } from '../../testing/until.js';
import type { Area } from '../conformance-case.js';
import type { Installation, Member } from '../engine-under-test.js';
import { EventMaker, idsOf, type MadeEvent, MESSAGE } from '../made-events.js';
import { decoded } from '../reading.js';
import { Witness } from '../witness.js';
import { manyMessages } from './following.js';

/** Follows events of which some are poison to the end; the member is closed after. */
async function followed(on: Installation, witness: Witness, made: readonly MadeEvent[]): Promise<void> {
  const [last] = (await on.append(made)).slice(-1);
  const member = await on.follow(witness.projection);
  await arrived(on, member, witness, last!);
  await member.close();
}

async function arrived(on: Installation, member: Member, witness: Witness, position: number): Promise<void> {
  if (!(await member.waitFor(witness.name, position, on.patienceMs))) {
    throw new Error(`${witness.name} does not arrive at ${position}: ${JSON.stringify(member.status())}`);
  }
}

/** The ids of what was heard and of what was set aside, where all but some of one stream is to be heard. */
async function expectSetAside(witness: Witness, made: readonly MadeEvent[], dead: readonly number[]): Promise<void> {
  const poison = dead.map((n) => made[n]!.id);
  expect((await witness.letters()).map(({ event_id }) => event_id)).toEqual(poison);
  expect(await witness.heardIds()).toEqual(idsOf(made).filter((id) => !poison.includes(id)));
}

function poisoned(name: string, mutation: string, count: number, dead: readonly number[]): Area['cases'][number] {
  return {
    name,
    mutation,
    async run(on) {
      const witness = await Witness.fromHere(on);
      const made = new EventMaker(on).messages(count);
      for (const n of dead) witness.poison.add(made[n]!.id);
      await followed(on, witness, made);
      await expectSetAside(witness, made, dead);
    },
  };
}

export const poison: Area = {
  title: 'poison events',
  cases: [
    poisoned('one that comes alone is set aside', 'Cuts a batch of one in two halves, for ever.', 1, [0]),
    poisoned(
      'the first of a page is set aside, and all after it are applied',
      'Blames the whole page for its first event.',
      30,
      [0],
    ),
    poisoned(
      'the last of a page is set aside, and all before it are applied',
      'Leaves the last half untried.',
      30,
      [29],
    ),
    poisoned('one in the middle of a page is set aside alone', 'Passes over the page that it is in.', 101, [50]),
    poisoned(
      'several in one page are set aside, and none between them',
      'Stops to look after the first.',
      60,
      [3, 17, 18, 40, 59],
    ),
    {
      name: 'the events of its stream that come later are applied',
      mutation: 'Holds up a partition until its poison event is put right.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const witness = await Witness.fromHere(on);
        const [bad] = make.messages(1, stream);
        witness.poison.add(bad!.id);
        const member = await on.follow(witness.projection);
        await on.append([bad!]);
        const later = make.messages(5, stream);
        const [last] = (await on.append(later)).slice(-1);
        await arrived(on, member, witness, last!);
        expect(await witness.heardIds()).toEqual(idsOf(later));
        await member.close();
      },
    },
    {
      name: 'other streams go on within a second',
      mutation: 'Tries a poison event again before it looks at anything else, with a longer pause each time.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const member = await on.follow(witness.projection);
        const [first] = (await on.append(manyMessages(make, 1))).slice(-1);
        await arrived(on, member, witness, first!);
        const timed = async (made: readonly MadeEvent[], heard: number): Promise<number> => {
          const begin = performance.now();
          await on.append(made);
          await eventually(async () => expect(await witness.heard()).toHaveLength(heard), on.patienceMs);
          return performance.now() - begin;
        };
        const usual = await timed(manyMessages(make, 1), 20);
        const [bad] = make.messages(1);
        witness.poison.add(bad!.id);
        // A second, and as much again for a machine that does something else beside, on which all takes longer.
        expect(await timed([bad!, ...manyMessages(make, 1)], 30)).toBeLessThan(2000 + 5 * usual);
        await member.close();
      },
    },
    {
      name: 'an event is tried three times before it is set aside',
      mutation: 'Sets an event aside at its first failure.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        const made = new EventMaker(on).messages(1);
        witness.poison.add(made[0]!.id);
        await followed(on, witness, made);
        expect(witness.tries.get(made[0]!.id)).toBe(3);
        expect(await witness.letters()).toMatchObject([{ attempts: 3 }]);
      },
    },
    {
      name: 'what fails once and not again is applied',
      mutation: 'Remembers how an event failed in place of trying it again.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        const made = new EventMaker(on).messages(3);
        let failures = 0;
        const { projection } = witness;
        const member = await on.follow({
          ...projection,
          project: (events, table) => {
            if (events.length > 0 && failures++ < 2) throw new TypeError('Not yet.');
            return projection.project(events, table);
          },
        });
        const [last] = (await on.append(made.slice(0, 1))).slice(-1);
        await arrived(on, member, witness, last!);
        expect(await witness.letters()).toEqual([]);
        expect(await witness.heardIds()).toEqual([made[0]!.id]);
        await member.close();
      },
    },
    {
      name: 'a letter has the event’s id and type, and the cause in words',
      mutation: 'Notes that an event failed, and not why.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        const made = new EventMaker(on).messages(3);
        witness.poison.add(made[1]!.id);
        await followed(on, witness, made);
        expect(await witness.letters()).toMatchObject([
          { event_id: made[1]!.id, type: MESSAGE, cause: 'TypeError: The witness cannot take this event.' },
        ]);
      },
    },
    {
      name: 'a letter’s place leads back to the event in the log',
      mutation: 'Notes the place of the page in place of the event’s.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        const made = new EventMaker(on).messages(20);
        witness.poison.add(made[13]!.id);
        await followed(on, witness, made);
        const [letter] = await witness.letters();
        const partition = (await on.log.partitionsOf([MESSAGE])).find(({ name }) => name === letter!.partition);
        const { events } = await partition!.read(letter!.position - 1, { limit: 1 });
        expect(decoded(on, '', events[0]!).id).toBe(made[13]!.id);
      },
    },
    {
      name: 'bytes that are no event are set aside with their cause, and the stream goes on',
      mutation: 'Decodes before it knows whom to blame, and stops.',
      async run(on) {
        const make = new EventMaker(on);
        const stream = newId('conv');
        const witness = await Witness.fromHere(on);
        const made = [...make.messages(3, stream), make.garbage(stream), ...make.messages(3, stream)];
        await followed(on, witness, made);
        expect(await witness.heardIds()).toEqual(idsOf(made).filter((id) => id !== ''));
        expect(await witness.letters()).toMatchObject([
          { event_id: null, type: null, cause: expect.stringContaining(MESSAGE) },
        ]);
      },
    },
    {
      name: 'no value of an event stands in the cause',
      mutation: 'Copies the error’s whole message into the letter.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        const { projection } = witness;
        const member = await on.follow({
          ...projection,
          project: () => [{ text: `select 'planted-secret'::uuid` }],
        });
        const [last] = await on.append(new EventMaker(on).messages(1));
        await arrived(on, member, witness, last!);
        const [letter] = await witness.letters();
        expect(letter!.cause).toContain('22P02');
        expect(letter!.cause).not.toContain('planted-secret');
        await member.close();
      },
    },
    {
      name: 'after a restart a letter is neither tried again nor doubled',
      mutation: 'Moves the cursor past a poison event in memory only.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const made = make.messages(5);
        witness.poison.add(made[4]!.id);
        await followed(on, witness, made);
        const member = await on.follow(witness.projection);
        const [last] = await on.append(make.messages(1));
        await arrived(on, member, witness, last!);
        await sleep(50);
        expect(witness.tries.get(made[4]!.id)).toBe(3);
        expect(await witness.letters()).toHaveLength(1);
        await member.close();
      },
    },
    {
      name: 'the status counts the letters, and goes on following',
      mutation: 'Counts letters nowhere but in the table.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        const made = new EventMaker(on).messages(10);
        for (const n of [2, 5]) witness.poison.add(made[n]!.id);
        const member = await on.follow(witness.projection);
        const [last] = (await on.append(made)).slice(-1);
        await arrived(on, member, witness, last!);
        await eventually(
          () => expect(member.status()).toMatchObject([{ state: 'following', deadLetters: 2 }]),
          on.patienceMs,
        );
        await member.close();
      },
    },
    {
      name: 'when every event fails it stops after a hundred, and empties no log into the letters',
      mutation: 'Takes a wrong program for a log full of poison.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        const made = new EventMaker(on).messages(130);
        for (const { id } of made) witness.poison.add(id);
        const member = await on.follow(witness.projection);
        await on.append(made);
        await eventually(
          () =>
            expect(member.status()).toMatchObject([{ state: 'failing', error: expect.stringContaining('in a row') }]),
          30_000,
        );
        expect(await witness.letters()).toHaveLength(100);
        await member.close();
      },
    },
  ],
};
