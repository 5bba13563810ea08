import { newId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import { until } from '../../../platform/testing/until.js';
import { PlaceholderMaker } from './placeholder-maker.js';

const uuidOf = (id: string) => id.slice(id.indexOf('_') + 1);

/** Newcomers who come again in each round until they are made, and what becomes of those who are tried. */
function world(customers: readonly string[], become: (customer: string) => { status: number }) {
  const row = { workspace: uuidOf(newId('wsp')), stream: uuidOf(newId('act')), seq: 1 };
  const made = new Set<string>();
  const tries = new Map(customers.map((customer) => [customer, 0]));
  let rounds = 0;
  const isDue = (customer: string, [after, leftAlone]: unknown[]) =>
    !made.has(customer) && customer > (after as string) && !(leftAlone as string[]).includes(customer);
  const ports = {
    installation: {
      query: async ({ values }: SqlStatement) => {
        if (values![0] === '00000000-0000-0000-0000-000000000000') rounds++;
        const due = customers.filter((customer) => isDue(uuidOf(customer), values!));
        return { rows: due.map((customer) => ({ customer: uuidOf(customer), ...row })) };
      },
    },
    history: { eventsAt: async () => ({ events: [{ data: { unknown_customer: 'shop-1' } }] }) },
    shell: {
      execute: async ({ stream }: { stream: string }) => {
        tries.set(stream, tries.get(stream)! + 1);
        const reply = become(stream);
        if (reply.status < 400) made.add(uuidOf(stream));
        return reply;
      },
    },
  };
  const maker = new PlaceholderMaker(ports as unknown as ServicePorts);
  return { maker, tries, rounds: () => rounds };
}

it('leaves those alone whom it cannot make, and makes those beside them', async () => {
  const [erased, refused, fine] = [newId('cus'), newId('cus'), newId('cus')];
  const { maker, tries, rounds } = world([erased, refused, fine], (customer) => {
    if (customer === erased) throw new Problem('person_erased', 'They were erased.');
    return { status: customer === refused ? 422 : 200 };
  });
  maker.onApplicationBootstrap();
  await until(() => rounds() >= 3);
  await maker.onModuleDestroy();
  expect([...tries.values()]).toEqual([1, 1, 1]);
});

it('leaves nobody alone because the store is away', async () => {
  let isAway = true;
  const customer = newId('cus');
  const { maker, tries, rounds } = world([customer], () => {
    if (isAway) throw new Problem('unavailable', 'The store cannot be reached.');
    return { status: 200 };
  });
  maker.onApplicationBootstrap();
  await until(() => rounds() >= 2);
  isAway = false;
  await until(() => rounds() >= 4);
  await maker.onModuleDestroy();
  expect(tries.get(customer)).toBe(3);
});
