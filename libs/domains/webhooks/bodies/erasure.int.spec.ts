import { newId } from '../../../platform/kernel/id.js';
import { customerAggregate } from '../customer.fixture.js';
import { FanOut } from '../fan-out/fan-out.js';
import { Routes } from '../fan-out/routes.js';
import { FactLookup } from '../filter/fact-lookup.js';
import { WebhooksOnTheirOwn } from '../webhooks.fixture.js';
import { bodiesOn } from './bodies.js';

let service: WebhooksOnTheirOwn;
beforeAll(async () => {
  service = await WebhooksOnTheirOwn.begin();
});
afterAll(() => service.end());

it('keeps no body in the open of whoever is erased while conditions wait for their facts', async () => {
  const { writing, feedLog, history, installation, shell } = service.ports;
  const { codec, keys } = writing;
  const { workspace } = service;
  const customer = newId('cus');
  await service.endpoint({ types: ['customer.*'], filter: { field: 'customer', op: 'is', value: customer } });
  await shell.execute({
    aggregate: customerAggregate,
    caller: service.caller(),
    workspace,
    stream: customer,
    command: { name: 'Ann Sample' },
    respond: () => ({ status: 200, body: {} }),
  });
  const keyIdsOf = codec.keyIdsOf.bind(codec);
  const bodies = bodiesOn(service.ports, installation);
  const fanOut = new FanOut({
    routes: new Routes(),
    bodies,
    decode: ({ fingerprint, payload }) => codec.decode(fingerprint, payload),
    open: (events) => history.open(events),
    keyIdsOf,
    keyring: (ids) => keys.loadByIds(installation, ids),
    facts: new FactLookup(installation),
    factsReached: async () => void (await keys.destroy(installation, workspace.slice(4), customer)),
    room: async () => undefined,
    began: async () => undefined,
    hasOthers: () => false,
    adopted: () => 0,
  });
  const { events } = await feedLog.read(0, { limit: 500 });
  await installation.transaction(await fanOut.statements(events));
  const { rows } = await service.admin.query('select position, pin, body from webhooks.bodies');
  expect(rows).toHaveLength(1);
  const [{ position, pin, body }] = rows;
  expect(body.includes('Ann Sample')).toBe(false);
  const [message] = (await bodies.read([{ position: Number(position), pin }])).values();
  expect(JSON.parse(message!.body.toString())).toMatchObject({ type: 'customer.renamed', data: { name: 'erased' } });
});
