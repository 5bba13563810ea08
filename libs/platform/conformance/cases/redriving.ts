import { eventually } from '../../testing/until.js';
import type { Area } from '../conformance-case.js';
import type { Installation, Member } from '../engine-under-test.js';
import { EventMaker, idsOf, type MadeEvent } from '../made-events.js';
import { Witness } from '../witness.js';
import { manyMessages } from './following.js';

interface Dead {
  witness: Witness;
  member: Member;
  made: readonly MadeEvent[];
  /** The ids of those that were set aside. */
  dead: readonly string[];
}

/** Some of many events were set aside, in whatever partitions they lie. */
async function setAside(on: Installation, which: readonly number[]): Promise<Dead> {
  const witness = await Witness.fromHere(on);
  const made = manyMessages(new EventMaker(on), 3);
  const dead = which.map((n) => made[n]!.id);
  for (const id of dead) witness.poison.add(id);
  const member = await on.follow(witness.projection);
  const [last] = (await on.append(made)).slice(-1);
  expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
  await eventually(async () => expect(await witness.letters()).toHaveLength(which.length), on.patienceMs);
  return { witness, member, made, dead };
}

const sum = (outcomes: readonly { redriven: number }[]) => outcomes.reduce((all, { redriven }) => all + redriven, 0);

export const redriving: Area = {
  title: 're-driving',
  cases: [
    {
      name: 'each letter is applied once, however many members do it at once',
      mutation: 'Looks whether a letter waits, and marks it afterwards.',
      async run(on) {
        const { witness, member, made } = await setAside(on, [4, 11, 12, 25]);
        const another = await on.follow(witness.projection);
        witness.poison.clear();
        const outcomes = await Promise.all([member, another, member, another].map((one) => one.redrive(witness.name)));
        expect(sum(outcomes)).toBe(4);
        expect((await witness.heardIds()).sort()).toEqual(idsOf(made).sort());
        await Promise.all([member.close(), another.close()]);
      },
    },
    {
      name: 'a letter that was applied waits no more',
      mutation: 'Leaves the letter in the list.',
      async run(on) {
        const { witness, member } = await setAside(on, [7]);
        witness.poison.clear();
        expect(await member.redrive(witness.name)).toEqual({ redriven: 1, failed: 0 });
        expect(await witness.letters()).toMatchObject([{ redriven_at: expect.any(String) }]);
        expect(await member.redrive(witness.name)).toEqual({ redriven: 0, failed: 0 });
        await member.close();
      },
    },
    {
      name: 'what fails again keeps its letter, with one try more',
      mutation: 'Marks a letter whatever came of it.',
      async run(on) {
        const { witness, member } = await setAside(on, [3, 8]);
        expect(await member.redrive(witness.name)).toEqual({ redriven: 0, failed: 2 });
        expect(await witness.letters()).toMatchObject([
          { attempts: 4, redriven_at: null },
          { attempts: 4, redriven_at: null },
        ]);
        await member.close();
      },
    },
    {
      name: 'of several letters those that can be applied are',
      mutation: 'Stops at the first that fails again.',
      async run(on) {
        const { witness, member, dead } = await setAside(on, [2, 9, 16]);
        witness.poison.delete(dead[0]!);
        witness.poison.delete(dead[2]!);
        expect(await member.redrive(witness.name)).toEqual({ redriven: 2, failed: 1 });
        expect(await witness.heardIds()).toEqual(expect.arrayContaining([dead[0], dead[2]]));
        await member.close();
      },
    },
    {
      name: 'only the letter at a position is applied where one is given',
      mutation: 'Does not look at the position.',
      async run(on) {
        const witness = await Witness.fromHere(on);
        // One stream, so that no two lie at the same position of different partitions.
        const made = new EventMaker(on).messages(10);
        for (const n of [3, 6]) witness.poison.add(made[n]!.id);
        const member = await on.follow(witness.projection);
        const [last] = (await on.append(made)).slice(-1);
        expect(await member.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        witness.poison.clear();
        const [, second] = await witness.letters();
        expect(await member.redrive(witness.name, second!.position)).toEqual({ redriven: 1, failed: 0 });
        expect((await witness.heardIds()).at(-1)).toBe(made[6]!.id);
        expect(await witness.letters()).toMatchObject([{ redriven_at: null }, { redriven_at: expect.any(String) }]);
        await member.close();
      },
    },
    {
      name: 'it is done beside a member that goes on following',
      mutation: 'Moves the cursor back to the letter.',
      async run(on) {
        const { witness, member, made } = await setAside(on, [1, 14]);
        witness.poison.clear();
        const more = manyMessages(new EventMaker(on), 2);
        const [positions] = await Promise.all([on.append(more), member.redrive(witness.name)]);
        expect(await member.waitFor(witness.name, positions.at(-1)!, on.patienceMs)).toBe(true);
        expect((await witness.heardIds()).sort()).toEqual(idsOf([...made, ...more]).sort());
        await member.close();
      },
    },
  ],
};
