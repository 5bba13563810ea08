import type { OpenEvent, SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import { CATALOGUE } from '../../../platform/event-schemas/schema-catalogue.js';
import { newId } from '../../../platform/kernel/id.js';
import { type CompiledFilter, compileFilter } from '../filter/compile-filter.js';
import type { FactNeed, Facts } from '../filter/facts.js';
import type { Filter } from '../filter/filter.js';
import { type MatchingPorts, matching, mayBeTold, type Wanted } from './matching.js';

interface By {
  name: string;
  filter: CompiledFilter | null;
}

function eventsFor(count: number, routes: readonly By[]): Wanted<By>[] {
  return Array.from({ length: count }, (_, n) => {
    const sealed = { type: 'message.created', meta: { stream: newId('conv'), actor: { type: 'user' } }, data: {} };
    const stored = { position: n + 1, storePosition: n + 1 } as StoredEvent;
    return { sealed: sealed as unknown as SealedEvent, stored, routes };
  });
}

function portsWith(facts: Facts, asked: FactNeed[] = []): MatchingPorts {
  return {
    open: async (events) => events as unknown as OpenEvent[],
    factsReached: async () => undefined,
    facts: {
      load: async (events, needs) => {
        for (const need of needs) asked.push(need);
        return events.map(() => facts);
      },
    },
  };
}

it('asks for each thing once, however many events, endpoints and conditions there are', async () => {
  const filter: Filter = {
    and: [
      { field: 'status', op: 'is', value: 'open' },
      ...Array.from({ length: 99 }, (_, n) => ({ field: 'custom_field' as const, key: `k${n}`, op: 'any' as const })),
    ],
  };
  const routes = Array.from({ length: 20 }, (_, n) => ({ name: `${n}`, filter: compileFilter(filter) }));
  const asked: FactNeed[] = [];
  await matching(
    portsWith(() => [], asked),
    eventsFor(50, routes),
  );
  expect(asked).toHaveLength(100);
  expect(new Set(asked.map((need) => JSON.stringify(need))).size).toBe(100);
});

it('lets others have their turn while it asks, and keeps all in order', async () => {
  const slow = (holds: boolean): CompiledFilter => ({
    facts: [],
    matches: () => {
      for (const until = performance.now() + 0.1; performance.now() < until; );
      return holds;
    },
  });
  const routes = Array.from({ length: 100 }, (_, n) => ({ name: `${n}`, filter: n === 0 ? null : slow(n % 2 === 0) }));
  let [longest, last] = [0, performance.now()];
  const watch = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  const matched = await matching(
    portsWith(() => []),
    eventsFor(100, routes),
  );
  clearInterval(watch);
  // All of it takes a second.
  expect(longest).toBeGreaterThan(0);
  expect(longest).toBeLessThan(500);
  expect(matched.map(({ stored }) => stored.position)).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
  for (const { routes: those } of matched) {
    expect(those.map(({ name }) => name)).toEqual(Array.from({ length: 50 }, (_, n) => `${2 * n}`));
  }
});

const [one, another] = [newId('whe'), newId('whe')];
/** A type that is added is among them. */
const OF_WEBHOOKS = CATALOGUE.types.filter((type) => type.startsWith('webhook_'));
const fieldsOf = (type: string) =>
  CATALOGUE.of(type)
    .at(-1)!
    .schema.fields.map(({ name }) => name);
const NAMING_EVENTS = OF_WEBHOOKS.filter((type) => fieldsOf(type).includes('event_type'));

/** An event about the first endpoint; where it names a message, of that one's event. */
function about(type: string, messageType = 'message.created'): SealedEvent {
  const isItsOwn = type.startsWith('webhook_endpoint.');
  const fields = fieldsOf(type);
  const data = {
    ...(fields.includes('endpoint_id') ? { endpoint_id: one } : {}),
    ...(fields.includes('event_type') ? { event_type: messageType } : {}),
  };
  // Whoever adds an event of webhooks says which endpoint it is about.
  expect([type, isItsOwn || 'endpoint_id' in data]).toEqual([type, true]);
  const meta = { stream: isItsOwn ? one : newId('wdl') };
  return { type, meta, data } as unknown as SealedEvent;
}

it('knows every event about endpoints', () => {
  expect(OF_WEBHOOKS).toEqual(
    expect.arrayContaining([
      ...['created', 'url_changed', 'disabled', 'enabled', 'deleted'].map((what) => `webhook_endpoint.${what}`),
      ...['lane_parked', 'lane_resumed', 'lane_skipped'].map((what) => `webhook_endpoint.${what}`),
      ...['webhook_message.dead_lettered', 'webhook_message.redriven'],
      ...['webhook_replay.started', 'webhook_replay.finished', 'webhook_replay.cancelled'],
    ]),
  );
  expect(NAMING_EVENTS).toEqual([
    ...['lane_parked', 'lane_resumed', 'lane_skipped'].map((what) => `webhook_endpoint.${what}`),
    ...['webhook_message.dead_lettered', 'webhook_message.redriven'],
  ]);
});

it.each(OF_WEBHOOKS)('%s is told to every endpoint but the one that it is about', (type) => {
  expect(mayBeTold(about(type), one)).toBe(false);
  expect(mayBeTold(about(type), another)).toBe(true);
});

it.each(NAMING_EVENTS)('%s is told to nobody where its message was about an endpoint itself', (type) => {
  for (const of of OF_WEBHOOKS) {
    expect([of, mayBeTold(about(type, of), one), mayBeTold(about(type, of), another)]).toEqual([of, false, false]);
  }
});

it('all else is told to everybody, whatever its fields are called', () => {
  const meta = { stream: newId('conv') };
  for (const type of CATALOGUE.types.filter((type) => !OF_WEBHOOKS.includes(type))) {
    const data = { endpoint_id: one, event_type: 'webhook_replay.started' };
    expect([type, mayBeTold({ type, meta, data } as unknown as SealedEvent, one)]).toEqual([type, true]);
  }
});
