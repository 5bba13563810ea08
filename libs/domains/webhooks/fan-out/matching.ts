import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OpenEvent, SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import type { CompiledFilter, FilteredEvent } from '../filter/compile-filter.js';
import type { FactLookup } from '../filter/fact-lookup.js';
import { type FactNeed, nameOfNeed } from '../filter/facts.js';
import type { Route } from './routes.js';

export interface MatchingPorts {
  /** Opens personal fields, as every read of events does. */
  open(events: readonly SealedEvent[]): Promise<OpenEvent[]>;
  facts: Pick<FactLookup, 'load'>;
  /** Resolves when the facts of all events up to a position can be looked up. Throws where that takes too long. */
  factsReached(position: number): Promise<void>;
}

type Filtered = Pick<Route, 'filter'>;

/** An event with those who want its type. */
export interface Wanted<By extends Filtered> {
  sealed: SealedEvent;
  stored: StoredEvent;
  routes: readonly By[];
}

export type Matched<Its> = Its & { event: OpenEvent };

/** For so long the conditions of a page are asked before others have their turn. */
const TURN_MS = 10;

/** Events of a page, in order, with those of the endpoints whose conditions hold, as of each event; and with the events open. */
export async function matching<By extends Filtered>(
  ports: MatchingPorts,
  wanted: readonly Wanted<By>[],
): Promise<Matched<Wanted<By>>[]> {
  if (wanted.length === 0) return [];
  const opened = await ports.open(wanted.map(({ sealed }) => sealed));
  const events = wanted.map((one, i) => ({ ...one, event: opened[i]! }));
  const filtered = events.filter(({ routes }) => routes.some(({ filter }) => filter !== null));
  if (filtered.length === 0) return events;
  const facts = await factsOf(ports, filtered);
  const matched: Matched<Wanted<By>>[] = [];
  let turnEnds = performance.now() + TURN_MS;
  for (const one of events) {
    const its = facts.get(one.stored.position);
    if (its === undefined) {
      matched.push(one);
      continue;
    }
    // What was looked up for an event is of no use to the next one.
    facts.delete(one.stored.position);
    const routes: By[] = [];
    for (const route of one.routes) {
      if (route.filter?.matches(its.event, its.facts) !== false) routes.push(route);
      if (performance.now() < turnEnds) continue;
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
    if (routes.length > 0) matched.push({ ...one, routes });
  }
  return matched;
}

async function factsOf(ports: MatchingPorts, filtered: readonly Matched<Wanted<Filtered>>[]) {
  const needs = needsOf(filtered);
  if (needs.length > 0) await ports.factsReached(filtered.at(-1)!.stored.storePosition);
  const events: FilteredEvent[] = filtered.map(({ event, stored }) => ({ ...event, position: stored.position }));
  const facts = await ports.facts.load(events, needs);
  return new Map(events.map((event, i) => [event.position, { event, facts: facts[i]! }]));
}

/** What the conditions ask for, each once, however many events and endpoints there are. */
function needsOf(filtered: readonly Wanted<Filtered>[]): FactNeed[] {
  // Events of one type mostly have the same list of endpoints.
  const lists = new Set(filtered.map(({ routes }) => routes));
  const filters = new Set<CompiledFilter>();
  for (const list of lists) for (const { filter } of list) if (filter !== null) filters.add(filter);
  const needs = new Map<string, FactNeed>();
  for (const { facts } of filters) for (const need of facts) needs.set(nameOfNeed(need), need);
  return [...needs.values()];
}

/** Those who may be told of it: the same list where that is everybody. */
export function toldOf<By extends { endpoint: string }>(event: SealedEvent, routes: readonly By[]): readonly By[] {
  if (!event.type.startsWith('webhook_')) return routes;
  return routes.filter(({ endpoint }) => mayBeTold(event, endpoint));
}

/** An endpoint is told nothing of itself, and nobody of a message about endpoints that became a dead letter: they would feed each other. */
export function mayBeTold({ type, meta, data }: SealedEvent, endpoint: string): boolean {
  if (!type.startsWith('webhook_')) return true;
  const { endpoint_id: about, event_type: of } = data as { endpoint_id?: string; event_type?: string };
  return of?.startsWith('webhook_') !== true && endpoint !== meta.stream && endpoint !== about;
}
