import type { OpenEvent, SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import type { FilteredEvent } from '../filter/compile-filter.js';
import type { FactLookup } from '../filter/fact-lookup.js';
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
  return events.flatMap((one) => {
    const its = facts.get(one.stored.position);
    if (its === undefined) return [one];
    const routes = one.routes.filter(({ filter }) => filter?.matches(its.event, its.facts) !== false);
    return routes.length === 0 ? [] : [{ ...one, routes }];
  });
}

async function factsOf(ports: MatchingPorts, filtered: readonly Matched<Wanted<Filtered>>[]) {
  const needs = filtered.flatMap(({ routes }) => routes.flatMap(({ filter }) => filter?.facts ?? []));
  if (needs.length > 0) await ports.factsReached(filtered.at(-1)!.stored.storePosition);
  const events: FilteredEvent[] = filtered.map(({ event, stored }) => ({ ...event, position: stored.position }));
  const facts = await ports.facts.load(events, needs);
  return new Map(events.map((event, i) => [event.position, { event, facts: facts[i]! }]));
}

/** An endpoint is told nothing of itself, and nobody of a message about endpoints that became a dead letter: they would feed each other. */
export function mayBeTold({ type, meta, data }: SealedEvent, endpoint: string): boolean {
  if (!type.startsWith('webhook_')) return true;
  const { endpoint_id: about, event_type: of } = data as { endpoint_id?: string; event_type?: string };
  return of?.startsWith('webhook_') !== true && endpoint !== meta.stream && endpoint !== about;
}
