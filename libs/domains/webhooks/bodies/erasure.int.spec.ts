import { newId } from '../../../platform/kernel/id.js';
import type { Message } from '../delivery/due.js';
import { WebhooksOnTheirOwn } from '../webhooks.fixture.js';
import { bodiesOn } from './bodies.js';

let service: WebhooksOnTheirOwn;
beforeAll(async () => {
  service = await WebhooksOnTheirOwn.begin();
});
afterAll(() => service.end());
beforeEach(() => {
  service.workspace = newId('wsp');
});

/** Erases the customer, as soon as its name was read. */
async function erase(customer: string): Promise<void> {
  const { installation, writing } = service.ports;
  await writing.keys.destroy(installation, service.workspace.slice(4), customer);
}

const bodies = () => bodiesOn(service.ports, service.ports.installation);

/** Keeps a message; what is in the table then. */
async function keep(position: number, message: Message): Promise<Buffer[]> {
  const { workspace } = service;
  await service.ports.installation.transaction([bodies().keep([{ workspace, position, pin: '', message }])]);
  const { rows } = await service.admin.query('select body from webhooks.bodies where position = $1', [position]);
  return rows.map(({ body }) => body);
}

async function read(position: number, from = bodies()): Promise<Message> {
  const [message] = (await from.read([{ position, pin: '' }])).values();
  return message!;
}

/** A message that has the name is kept in no open form, and not sent again. */
async function expectErased(position: number, message: Message): Promise<void> {
  expect(message.body.includes('Ann Sample')).toBe(true);
  const [body, ...others] = await keep(position, message);
  expect(others).toEqual([]);
  expect(body!.includes('Ann Sample')).toBe(false);
  const again = await read(position);
  expect(JSON.parse(again.body.toString())).toMatchObject({ type: 'customer.renamed', data: { name: 'erased' } });
}

it('keeps no body in the open of whoever is erased while conditions wait for their facts', async () => {
  const customer = newId('cus');
  const endpoint = await service.endpoint({
    types: ['customer.*'],
    filter: { field: 'customer', op: 'is', value: customer },
  });
  await service.customer(customer, 'Ann Sample');
  const fanOut = await service.fanOut({ factsReached: () => erase(customer) });
  const { offers } = fanOut.committed(Number.MAX_SAFE_INTEGER)!;
  const [due, ...others] = offers.get(endpoint)!;
  expect(others).toEqual([]);
  await expectErased(due!.position, due!.message!);
});

it('nor of whoever is erased while it is made from the log', async () => {
  const customer = newId('cus');
  await service.endpoint({ types: ['customer.*'] });
  await service.customer(customer, 'Ann Sample');
  const { feed, feedLog, history, installation, writing } = service.ports;
  const open: typeof history.open = async (events) => {
    const opened = await history.open(events);
    await erase(customer);
    return opened;
  };
  const position = await feedLog.end();
  await expectErased(position, await read(position, bodiesOn({ writing, feed, history: { open } }, installation)));
});

it('keeps neither a body nor what is answered of an event whose customer is erased', async () => {
  const customer = newId('cus');
  await service.endpoint({ types: ['customer.*'] });
  await service.customer(customer, 'Ann Sample');
  await erase(customer);
  const position = await service.ports.feedLog.end();
  const message = await read(position);
  expect(message.people).toBeNull();
  expect(await keep(position, message)).toEqual([]);
});
