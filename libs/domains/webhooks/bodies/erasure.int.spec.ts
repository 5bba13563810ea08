import { newId } from '../../../platform/kernel/id.js';
import type { Message } from '../delivery/due.js';
import { now } from '../delivery/real-clock.js';
import { WebhooksOnTheirOwn } from '../webhooks.fixture.js';
import { Bodies, bodiesOn } from './bodies.js';

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

/** Keeps a message that has the name; what is in the table, and what is read of it then. */
async function kept(position: number, message: Message): Promise<{ body: Buffer; read: Message }> {
  const bodies = bodiesOn(service.ports, service.ports.installation);
  const { workspace } = service;
  expect(message.body.includes('Ann Sample')).toBe(true);
  await service.ports.installation.transaction([bodies.keep([{ workspace, position, pin: '', message }])]);
  const { rows } = await service.admin.query('select body from webhooks.bodies where position = $1', [position]);
  const [read] = (await bodies.read([{ position, pin: '' }])).values();
  return { body: rows[0].body, read: read! };
}

const ERASED = { type: 'customer.renamed', data: { name: 'erased' } };

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
  const { body, read } = await kept(due!.position, due!.message!);
  expect(body.includes('Ann Sample')).toBe(false);
  expect(JSON.parse(read.body.toString())).toMatchObject(ERASED);
});

it('nor of whoever is erased while it is made from the log', async () => {
  const customer = newId('cus');
  await service.endpoint({ types: ['customer.*'] });
  await service.customer(customer, 'Ann Sample');
  const { feed, feedLog, history, installation, writing } = service.ports;
  const { codec, keys } = writing;
  const bodies = new Bodies({
    keys,
    connection: installation,
    keyIdsOf: (event) => codec.keyIdsOf(event),
    feed,
    decode: ({ fingerprint, payload }) => codec.decode(fingerprint, payload),
    open: async (events) => {
      const opened = await history.open(events);
      await erase(customer);
      return opened;
    },
    now,
  });
  const position = await feedLog.end();
  const [message] = (await bodies.read([{ position, pin: '' }])).values();
  const { body, read } = await kept(position, message!);
  expect(body.includes('Ann Sample')).toBe(false);
  expect(JSON.parse(read.body.toString())).toMatchObject(ERASED);
});

it('keeps neither a body nor what is answered of an event whose customer is erased', async () => {
  const customer = newId('cus');
  await service.endpoint({ types: ['customer.*'] });
  await service.customer(customer, 'Ann Sample');
  await erase(customer);
  const bodies = bodiesOn(service.ports, service.ports.installation);
  const position = await service.ports.feedLog.end();
  const [message] = (await bodies.read([{ position, pin: '' }])).values();
  expect(message!.people).toBeNull();
  const { workspace } = service;
  await service.ports.installation.transaction([bodies.keep([{ workspace, position, pin: '', message: message! }])]);
  const { rows } = await service.admin.query('select 1 from webhooks.bodies where position = $1', [position]);
  expect(rows).toEqual([]);
});
