import { newId, newUuid } from '../../../platform/kernel/id.js';
import { bodiesOn } from '../bodies/bodies.js';
import type { Attempt } from '../delivery/delivery-store.js';
import type { Due } from '../delivery/due.js';
import { WebhooksOnTheirOwn } from '../webhooks.fixture.js';
import type { KeptAnswer } from './attempt-rows.js';
import { EndpointHealths } from './endpoint-healths.js';
import { PostgresQueue } from './postgres-queue.js';

const MB = 1024 * 1024;

let service: WebhooksOnTheirOwn;
let queue: PostgresQueue;
let endpoint: string;
beforeAll(async () => {
  service = await WebhooksOnTheirOwn.begin();
});
afterAll(() => service.end());
beforeEach(async () => {
  await service.admin.query('delete from webhooks.bodies');
  service.workspace = newId('wsp');
  endpoint = await service.endpoint();
  const workspaceOf = () => service.workspace;
  queue = new PostgresQueue({
    writes: service.ports.installation,
    reads: service.ports.installation,
    bodies: bodiesOn(service.ports, service.ports.installation),
    workspaceOf,
    isKnown: () => true,
    healths: new EndpointHealths({ workspaceOf, now: () => 0, givenUp: () => undefined }),
    written: () => undefined,
    now: () => 0,
  });
});

interface Made {
  position: number;
  number?: number;
  taken?: boolean;
  body?: Buffer;
  isKept?: boolean;
}

function attempt({ position, number = 1, taken = false, body = Buffer.from('{}'), isKept = false }: Made) {
  const lease = { endpoint, token: 0 };
  const due = { run: 0, position, lane: newUuid(), pin: '', attempts: number, table: 'fresh' } as Due;
  const error = taken ? null : 'timeout';
  const answer: KeptAnswer = { id: newUuid(), durationMs: 1, status: null, error, taken, kept: null };
  const event = { id: newId('evt'), type: 'label.created', stream: newId('lbl') };
  const message = { ...event, body, people: [], isKept, readAt: 0 };
  return { endpoint, lease, due, message, number, answer } satisfies Attempt<KeptAnswer>;
}

async function kept(): Promise<number[]> {
  const { rows } = await service.admin.query('select position from webhooks.bodies order by 1');
  return rows.map(({ position }) => Number(position));
}

// Caught when: the first attempt alone keeps, and its result was lost, or its lane was left to the table while it was under way.
it('keeps what was not taken, at whatever attempt, but for what is kept already', async () => {
  await queue.commit(
    [],
    [
      attempt({ position: 1 }),
      attempt({ position: 2, number: 2 }),
      attempt({ position: 3, taken: true }),
      attempt({ position: 4, number: 3, isKept: true }),
    ],
  );
  expect(await kept()).toEqual([1, 2]);
});

it('keeps 16 MB at a time, for a writing that takes too long is made again for ever', async () => {
  const attempts = Array.from({ length: 10 }, (_, n) => attempt({ position: n + 1, body: Buffer.alloc(2 * MB) }));
  await queue.commit([], attempts);
  expect(await kept()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

it('keeps the bytes that were first, and for as long as if they were new', async () => {
  await queue.commit([], [attempt({ position: 1, body: Buffer.from('{"first":1}') })]);
  await service.admin.query(`update webhooks.bodies set kept_at = now() - interval '60 days'`);
  await queue.commit([], [attempt({ position: 1, body: Buffer.from('{"second":2}') })]);
  const { rows } = await service.admin.query(
    `select body, kept_at > now() - interval '1 hour' as is_young from webhooks.bodies`,
  );
  expect(rows).toEqual([{ body: Buffer.from('\0{"first":1}'), is_young: true }]);
});
