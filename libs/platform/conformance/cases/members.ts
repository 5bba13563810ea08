import { newId } from '../../kernel/id.js';
import { eventually } from '../../testing/until.js';
import type { Area } from '../conformance-case.js';
import { EventMaker, idsOf, type MadeEvent } from '../made-events.js';
import { inTime } from '../reading.js';
import { Witness } from '../witness.js';
import { manyMessages, tenStreams } from './following.js';

export const members: Area = {
  title: 'several members',
  cases: [
    {
      name: 'two members apply each event once between them',
      mutation: 'Lets each member keep a cursor of its own.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const both = await Promise.all([on.follow(witness.projection), on.follow(witness.projection)]);
        const made: MadeEvent[] = [];
        for (let i = 0; i < 10; i++) {
          const more = manyMessages(make, 2);
          made.push(...more);
          await on.append(more);
        }
        await eventually(async () => {
          expect((await witness.heardIds()).sort()).toEqual(idsOf(made).sort());
        }, on.patienceMs);
        await Promise.all(both.map((member) => member.close()));
      },
    },
    {
      name: 'members that come and go while events come lose none and repeat none',
      mutation: 'Lets a member that goes finish its page while another begins it.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const streams = tenStreams();
        const made: MadeEvent[] = [];
        let coming = true;
        const appends = (async () => {
          while (coming) {
            const more = manyMessages(make, 1, streams);
            made.push(...more);
            await on.append(more);
          }
        })();
        let member = await on.follow(witness.projection);
        for (let i = 0; i < 4; i++) {
          const next = await on.follow(witness.projection);
          await eventually(async () => expect((await witness.heard()).length).toBeGreaterThan(i * 20), on.patienceMs);
          await member.close();
          member = next;
        }
        coming = false;
        await appends;
        await eventually(async () => {
          expect((await witness.heardIds()).sort()).toEqual(idsOf(made).sort());
        }, on.patienceMs);
        await member.close();
      },
    },
    {
      name: 'a member that stands still between reading and writing changes nothing when it goes on',
      mutation: 'Writes the cursor where it should compare and set it.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const stream = newId('conv');
        const first = await on.follow(witness.projection);
        const [begun] = await on.append(make.messages(1, stream));
        expect(await first.waitFor(witness.name, begun!, on.patienceMs)).toBe(true);
        const { still, thaw } = first.freeze();
        const [last] = (await on.append(make.messages(99, stream))).slice(-1);
        await inTime(still, 'a member that stands still', on.patienceMs);
        const second = await on.follow(witness.projection);
        expect(await second.waitFor(witness.name, last!, 2 * on.patienceMs)).toBe(true);
        thaw();
        const [after] = (await on.append(make.messages(1, stream))).slice(-1);
        await eventually(async () => expect(await witness.heard()).toHaveLength(101), on.patienceMs);
        await Promise.race([first, second].map((one) => one.waitFor(witness.name, after!, on.patienceMs)));
        expect(await witness.heard()).toHaveLength(101);
        await Promise.all([first.close(), second.close()]);
      },
    },
    {
      name: 'of a member that is killed between reading and writing nothing stays, and another does its work once',
      mutation: 'Leaves rows behind whose cursor was not moved.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const first = await on.follow(witness.projection);
        const { still } = first.freeze();
        const made = manyMessages(make, 3);
        const [last] = (await on.append(made)).slice(-1);
        await inTime(still, 'a member that stands still', on.patienceMs);
        first.kill();
        expect(await witness.heard()).toEqual([]);
        const second = await on.follow(witness.projection);
        expect(await second.waitFor(witness.name, last!, 2 * on.patienceMs)).toBe(true);
        expect((await witness.heardIds()).sort()).toEqual(idsOf(made).sort());
        await second.close();
      },
    },
    {
      name: 'a member that waits takes over from one that was killed',
      mutation: 'Waits for the word of a member that is gone.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const first = await on.follow(witness.projection);
        const made = manyMessages(make, 2);
        await on.append(made);
        await eventually(async () => expect(await witness.heard()).toHaveLength(20), on.patienceMs);
        const second = await on.follow(witness.projection);
        first.kill();
        const more = manyMessages(make, 2);
        await on.append(more);
        await eventually(async () => {
          expect((await witness.heardIds()).sort()).toEqual(idsOf([...made, ...more]).sort());
        }, 2 * on.patienceMs);
        await second.close();
      },
    },
    {
      name: 'a member that leaves gives its work to the one that stays',
      mutation: 'Keeps what it has when it leaves.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const [first, second] = [await on.follow(witness.projection), await on.follow(witness.projection)];
        const made = manyMessages(make, 1);
        await on.append(made);
        await eventually(async () => expect(await witness.heard()).toHaveLength(10), on.patienceMs);
        await first.close();
        const more = manyMessages(make, 1);
        const [last] = (await on.append(more)).slice(-1);
        expect(await second.waitFor(witness.name, last!, on.patienceMs)).toBe(true);
        expect((await witness.heardIds()).sort()).toEqual(idsOf([...made, ...more]).sort());
        await second.close();
      },
    },
    {
      name: 'a member answers for a position that another one applied',
      mutation: 'Knows only what it applied itself.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const both = [await on.follow(witness.projection), await on.follow(witness.projection)];
        for (let i = 0; i < 3; i++) {
          const [last] = (await on.append(manyMessages(make, 1))).slice(-1);
          const answers = both.map((member) => member.waitFor(witness.name, last!, on.patienceMs));
          expect(await Promise.all(answers)).toEqual([true, true]);
          expect(await witness.heard()).toHaveLength(10 * (i + 1));
        }
        await Promise.all(both.map((member) => member.close()));
      },
    },
    {
      name: 'a poison event that two members meet is set aside once, and the rest is applied once',
      mutation: 'Sets an event aside without looking whether another member has.',
      async run(on) {
        const make = new EventMaker(on);
        const witness = await Witness.fromHere(on);
        const made = manyMessages(make, 4);
        witness.poison.add(made[17]!.id);
        const both = await Promise.all([on.follow(witness.projection), on.follow(witness.projection)]);
        await on.append(made);
        await eventually(async () => expect(await witness.heard()).toHaveLength(39), on.patienceMs);
        await eventually(async () => expect(await witness.letters()).toMatchObject([{ attempts: 3 }]), on.patienceMs);
        expect(new Set(await witness.heardIds()).size).toBe(39);
        await Promise.all(both.map((member) => member.close()));
      },
    },
  ],
};
