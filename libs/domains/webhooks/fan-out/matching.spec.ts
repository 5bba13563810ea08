import type { OpenEvent, SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import { newId } from '../../../platform/kernel/id.js';
import { type CompiledFilter, compileFilter } from '../filter/compile-filter.js';
import type { FactNeed, Facts } from '../filter/facts.js';
import type { Filter } from '../filter/filter.js';
import { type MatchingPorts, matching, type Wanted } from './matching.js';

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
