import { newId } from '../../kernel/id.js';
import type { Area } from '../conformance-case.js';
import { CLOSED, CUSTOMER, EventMaker, idsOf, MESSAGE, TYPES, UNASSIGNED, USER } from '../made-events.js';
import { marksOf, readFrom, readSince } from '../reading.js';

export const partitions: Area = {
  title: 'partitions',
  cases: [
    {
      name: 'a stream lies in one partition, whole',
      mutation: 'Deals events out by their own ids, so that a stream is spread over partitions.',
      async run(on) {
        const make = new EventMaker(on);
        const streams = Array.from({ length: 20 }, () => newId('conv'));
        const marks = await marksOf(on);
        for (let round = 0; round < 4; round++) await on.append(streams.map((stream) => make.unassigned(stream)));
        const partitionsOf = new Map<string, Set<string>>();
        for (const { stream, partition } of await readSince(on, marks)) {
          partitionsOf.set(stream, (partitionsOf.get(stream) ?? new Set()).add(partition));
        }
        expect([...partitionsOf.keys()].sort()).toEqual([...streams].sort());
        for (const of of partitionsOf.values()) expect(of.size).toBe(1);
      },
    },
    {
      name: 'the partitions of some types are the same in the same order, each time',
      mutation: 'Answers with what it found first, in whatever order that came.',
      async run(on) {
        const names = async () => (await on.log.partitionsOf(TYPES)).map(({ name }) => name);
        const first = await names();
        expect(new Set(first).size).toBe(first.length);
        for (let i = 0; i < 5; i++) expect(await names()).toEqual(first);
        const another = await on.anotherLog();
        expect((await another.partitionsOf(TYPES)).map(({ name }) => name)).toEqual(first);
      },
    },
    {
      name: 'the order in which types are named changes nothing',
      mutation: 'Gives the partitions in the order of the types that were asked for.',
      async run(on) {
        const names = async (types: readonly string[]) => (await on.log.partitionsOf(types)).map(({ name }) => name);
        expect(await names([USER, MESSAGE, CUSTOMER])).toEqual(await names([CUSTOMER, USER, MESSAGE]));
        expect(await names([MESSAGE, MESSAGE])).toEqual(await names([MESSAGE]));
      },
    },
    {
      name: 'every event of a type lies in the partitions of that type',
      mutation: 'Leaves a partition out where one type alone is asked for.',
      async run(on) {
        const make = new EventMaker(on);
        const marks = await marksOf(on);
        const customers = make.customers(30);
        await on.append(customers);
        const read = await readSince(on, marks, { of: [CUSTOMER], types: [CUSTOMER] });
        expect(idsOf(read).sort()).toEqual(idsOf(customers).sort());
      },
    },
    {
      name: 'the partitions of several types hold the events of all of them',
      mutation: 'Looks at the domain of the first type only.',
      async run(on) {
        const make = new EventMaker(on);
        const marks = await marksOf(on);
        const made = [...make.customers(5), ...make.users(5), make.closed(newId('conv'))];
        await on.append(made);
        const of = [CUSTOMER, USER, CLOSED];
        expect(idsOf(await readSince(on, marks, { of, types: of })).sort()).toEqual(idsOf(made).sort());
      },
    },
    {
      name: 'types of one domain lie in the same partitions',
      mutation: 'Keeps each type apart, so that the events of one stream have no order between them.',
      async run(on) {
        const names = async (type: string) => (await on.log.partitionsOf([type])).map(({ name }) => name);
        expect(await names(CLOSED)).toEqual(await names(MESSAGE));
        expect(await names(UNASSIGNED)).toEqual(await names(MESSAGE));
      },
    },
    {
      name: 'a partition is found again by its name, with the same events at the same positions',
      mutation: 'Numbers the partitions anew in each process.',
      async run(on) {
        const make = new EventMaker(on);
        const marks = await marksOf(on);
        const streams = Array.from({ length: 12 }, () => newId('conv'));
        await on.append(streams.map((stream) => make.unassigned(stream)));
        const another = new Map(
          (await (await on.anotherLog()).partitionsOf([UNASSIGNED])).map((one) => [one.name, one]),
        );
        for (const partition of await on.log.partitionsOf([UNASSIGNED])) {
          const after = marks.get(partition.name)!;
          const here = await readFrom(on, partition, after);
          expect(await readFrom(on, another.get(partition.name)!, after)).toEqual(here);
        }
      },
    },
    {
      name: 'streams are spread over the partitions',
      mutation: 'Puts every stream into one partition.',
      needs: 'several partitions',
      async run(on) {
        const make = new EventMaker(on);
        const marks = await marksOf(on);
        await on.append(Array.from({ length: 60 }, () => make.unassigned(newId('conv'))));
        const used = new Set((await readSince(on, marks)).map(({ partition }) => partition));
        // All twelve but for one case in a thousand; fewer than six for less than one in 10^10.
        expect(used.size).toBeGreaterThanOrEqual(6);
      },
    },
    {
      name: 'a type that no schema has is refused by its name',
      mutation:
        'Gives a type that it does not know no partitions, so that a misspelt projection follows nothing for ever.',
      needs: 'a topic a domain',
      async run(on) {
        await expect(on.log.partitionsOf([MESSAGE, 'conversation.misspelt'])).rejects.toThrow('conversation.misspelt');
      },
    },
  ],
};
