import { newId, newUuid } from '../../../platform/kernel/id.js';
import type { Attempt } from '../delivery/delivery-store.js';
import type { Change, Due } from '../delivery/due.js';
import { DEFAULT_SCHEDULE } from '../endpoints/endpoint.state.js';
import { WebhooksOnTheirOwn } from '../webhooks.fixture.js';
import type { KeptAnswer } from './attempt-rows.js';
import { EndpointHealths } from './endpoint-healths.js';
import { PostgresQueue } from './postgres-queue.js';

const HOUR_MS = 3_600_000;
const START = Date.parse('2026-03-01T00:30:00.000Z');

let service: WebhooksOnTheirOwn;
let endpoint: string;
let clock: number;
let givenUp: string[];
let queue: PostgresQueue;
beforeAll(async () => {
  service = await WebhooksOnTheirOwn.begin();
});
afterAll(() => service.end());
beforeEach(async () => {
  service.workspace = newId('wsp');
  endpoint = await service.endpoint();
  clock = START;
  givenUp = [];
  await start();
});

/** As a process does whose lease of the endpoint begins. */
async function start(): Promise<void> {
  const workspaceOf = () => service.workspace;
  queue = new PostgresQueue({
    writes: service.ports.installation,
    reads: service.ports.installation,
    bodies: { read: async () => new Map(), readFirst: async () => new Map(), keep: () => ({ text: 'select' }) },
    workspaceOf,
    isKnown: () => true,
    healths: new EndpointHealths({ workspaceOf, now: () => clock, givenUp: (one) => givenUp.push(one) }),
    written: () => undefined,
    now: () => 0,
  });
  await queue.backlog(endpoint);
}

async function attempt(taken: boolean, error: string | null = taken ? null : 'timeout'): Promise<void> {
  const due = { run: 0, position: 1, lane: newUuid(), pin: '', attempts: 1, table: 'fresh' } as Due;
  const lease = { endpoint, token: 0 };
  const change: Change = { endpoint, lease, due, to: taken ? 'gone' : 'retry', inMs: 1000 };
  const answer: KeptAnswer = { id: newUuid(), durationMs: 1, status: null, error, taken, kept: null };
  const message = {
    id: newId('evt'),
    type: 'label.created',
    stream: newId('lbl'),
    body: Buffer.alloc(0),
    people: [],
    isKept: false,
    readAt: 0,
  };
  const made: Attempt<KeptAnswer> = { endpoint, lease, due, message, number: 1, answer };
  await queue.commit([change], [made]);
}

async function row() {
  const { rows } = await service.admin.query(
    'select failing_since, hours, last_hour, xmin from webhooks.health where endpoint = $1',
    [endpoint.slice(4)],
  );
  return rows[0];
}
const shown = async (): Promise<string | null> => {
  const reply = await service.controller.get(
    { params: { id: endpoint }, query: {}, body: null } as never,
    service.caller(),
  );
  return JSON.parse(JSON.stringify(reply.body)).failing_since;
};

it('is given up after days of failing, whichever process saw them', async () => {
  for (const [n, seconds] of [0, ...DEFAULT_SCHEDULE].entries()) {
    expect(givenUp).toEqual([]);
    clock += seconds * 1000;
    if (n % 4 === 3) await start();
    await attempt(false);
  }
  expect(givenUp).toEqual([endpoint]);
  expect(await shown()).toBe('2026-03-01T00:30:00.000Z');
  // Whoever was told of it may not have heard it.
  await attempt(false);
  expect(givenUp).toEqual([endpoint, endpoint]);
});

it('writes a row where it begins and in each new hour of it, and none where it is well', async () => {
  await attempt(true);
  expect([await row(), await shown()]).toEqual([undefined, null]);
  await attempt(false);
  const first = await row();
  expect(first).toMatchObject({ failing_since: new Date(START).toISOString(), hours: 1 });
  clock += 10 * 60_000;
  await attempt(false);
  expect((await row()).xmin).toBe(first.xmin);
  clock += HOUR_MS;
  await attempt(false);
  expect(await row()).toMatchObject({ failing_since: new Date(START).toISOString(), hours: 2 });
  await attempt(true);
  expect([await row(), await shown()]).toEqual([undefined, null]);
  await attempt(false);
  expect(await row()).toMatchObject({ failing_since: new Date(clock).toISOString(), hours: 1 });
});

// Caught when: a process that ends has its endpoints disabled.
it('takes nothing amiss that was not the receiver’s', async () => {
  await attempt(false, 'closed');
  expect(await row()).toBeUndefined();
});
