import type { OpenEvent, SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import type { Keyring } from '../../../platform/keys/data-key.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { Fold } from '../../../platform/projections/fold.js';
import { blamingEvents } from '../../../platform/projections/poison.js';
import type { Bodies, MadeBody } from '../bodies/bodies.js';
import type { Due } from '../delivery/due.js';
import { endpointDecider } from '../endpoints/endpoint.decider.js';
import type { EndpointEvent } from '../endpoints/endpoint.events.js';
import type { FilteredEvent } from '../filter/compile-filter.js';
import type { FactLookup } from '../filter/fact-lookup.js';
import { hintOthers, hintWaiting } from '../queue/hints.js';
import { type FreshRow, insertFresh } from './due-rows.js';
import { type DecidedLane, decidedLane, goOnWith } from './lane-rows.js';
import { keepRoutes } from './route-rows.js';
import { type Route, type Routes, routeOf } from './routes.js';

export interface FanOutPorts {
  routes: Routes;
  bodies: Bodies;
  decode(stored: StoredEvent): SealedEvent;
  keyIdsOf(event: SealedEvent): string[];
  /** Opens personal fields, as every read of events does. */
  open(events: readonly SealedEvent[]): Promise<OpenEvent[]>;
  keyring(ids: Iterable<string>): Promise<Keyring>;
  facts: Pick<FactLookup, 'load'>;
  /** Resolves when the facts of all events up to a position can be looked up. Throws where that takes too long. */
  factsReached(position: number): Promise<void>;
  /** Resolves when there is room for so many events more; soon, whatever happens. */
  room(events: number): Promise<void>;
  /** The place was taken anew: routes are to be read again, and nothing that was told before is all that there is. */
  began(): Promise<void>;
  /** Whether other processes deliver, too, and are to be told. */
  hasOthers(): boolean;
  /** Up to here nothing is put among what is due. */
  adopted(): number;
}

interface Wanted {
  sealed: SealedEvent;
  stored: StoredEvent;
  routes: readonly Route[];
}

/** What is told once it is committed. */
interface Outcome {
  upTo: number;
  routes: readonly Route[];
  offers: ReadonlyMap<string, Due[]>;
}

const LIVE = 0;

/**
 * From the log to what is due: for each event a row for each endpoint that wants it, its body for each version that they are
 * pinned to, and the endpoints as their own events make them; effect and cursor in one transaction. So an endpoint has exactly
 * the events after the one that made or enabled it, as its filter was when they happened.
 */
export class FanOut implements Fold {
  private readonly known = new WeakMap<StoredEvent, SealedEvent>();
  private outcome: Outcome | null = null;

  constructor(private readonly ports: FanOutPorts) {}

  statements(events: readonly StoredEvent[]): Promise<SqlStatement[]> {
    this.outcome = null;
    return blamingEvents(async () => {
      await this.ports.room(events.length);
      const { wanted, changed, lanes } = this.wantedIn(events);
      const matched = await this.matching(wanted);
      const bodies = await this.bodiesOf(matched);
      const { rows, offers } = duesOf(matched, bodies);
      this.outcome = { upTo: events.at(-1)!.position, routes: changed, offers };
      return [
        ...(changed.length > 0 ? [keepRoutes(changed)] : []),
        ...goOnWith(lanes),
        ...(lanes.length > 0 ? [hintWaiting([...new Set(lanes.map(({ endpoint }) => endpoint))])] : []),
        ...(bodies.size > 0 ? [this.ports.bodies.keep([...bodies.values()])] : []),
        ...(rows.length > 0 ? [insertFresh(rows)] : []),
        ...(rows.length > 0 && this.ports.hasOthers() ? [hintOthers([...offers.keys()], LIVE)] : []),
      ];
    });
  }

  /** All up to a position is committed: what that made of the routes, and what is due by it. */
  committed(position: number): Pick<Outcome, 'routes' | 'offers'> | null {
    const { outcome } = this;
    if (outcome === null || outcome.upTo > position) return null;
    this.outcome = null;
    for (const route of outcome.routes) this.ports.routes.set(route);
    return outcome;
  }

  decoded(event: StoredEvent): SealedEvent | null {
    return this.known.get(event) ?? null;
  }

  forget(event: StoredEvent): void {
    this.known.delete(event);
  }

  began(): Promise<void> {
    return this.ports.began();
  }

  private decode(stored: StoredEvent): SealedEvent {
    let event = this.known.get(stored);
    if (event === undefined) {
      event = this.ports.decode(stored);
      this.known.set(stored, event);
    }
    return event;
  }

  /** In their order, each held against the endpoints as they are at its place. */
  private wantedIn(events: readonly StoredEvent[]): { wanted: Wanted[]; changed: Route[]; lanes: DecidedLane[] } {
    const { routes } = this.ports;
    const changed = new Map<string, Route>();
    const wanted: Wanted[] = [];
    const lanes: DecidedLane[] = [];
    for (const stored of events) {
      const sealed = this.decode(stored);
      const { type, meta } = sealed;
      if (type.startsWith('webhook_endpoint.lane_')) {
        const lane = decidedLane(sealed);
        if (lane !== null) lanes.push(lane);
      } else if (type.startsWith('webhook_endpoint.')) {
        const before = changed.get(meta.stream) ?? routes.get(meta.stream) ?? null;
        const state = endpointDecider.evolve(before?.state ?? null, sealed as unknown as EndpointEvent);
        const row = { endpoint: meta.stream, workspace: meta.workspace, state, position: stored.position };
        changed.set(meta.stream, routeOf(row));
      }
      if (stored.position <= this.ports.adopted()) continue;
      const wanting = changed.size === 0 ? routes.wantingOf(meta.workspace, type) : this.wantingNow(changed, sealed);
      const others = aboutEndpoint(sealed, wanting);
      if (others.length > 0) wanted.push({ sealed, stored, routes: others });
    }
    return { wanted, changed: [...changed.values()], lanes };
  }

  /** On the few pages that change an endpoint. */
  private wantingNow(changed: ReadonlyMap<string, Route>, { type, meta }: SealedEvent): readonly Route[] {
    const before = this.ports.routes.wantingOf(meta.workspace, type).filter(({ endpoint }) => !changed.has(endpoint));
    const now = [...changed.values()].filter(
      ({ workspace, state, types }) =>
        workspace === meta.workspace &&
        state.disabled === null &&
        !state.deleted &&
        (types === null || types.has(type)),
    );
    return [...before, ...now];
  }

  /** Those whose conditions hold, with the events open. */
  private async matching(wanted: readonly Wanted[]): Promise<(Wanted & { event: OpenEvent })[]> {
    if (wanted.length === 0) return [];
    const opened = await this.ports.open(wanted.map(({ sealed }) => sealed));
    const events = wanted.map((one, i) => ({ ...one, event: opened[i]! }));
    const filtered = events.filter(({ routes }) => routes.some(({ filter }) => filter !== null));
    if (filtered.length === 0) return events;
    const facts = await this.factsOf(filtered);
    return events.flatMap((one) => {
      const its = facts.get(one.stored.position);
      if (its === undefined) return [one];
      const routes = one.routes.filter(({ filter }) => filter?.matches(its.event, its.facts) !== false);
      return routes.length === 0 ? [] : [{ ...one, routes }];
    });
  }

  private async factsOf(filtered: readonly (Wanted & { event: OpenEvent })[]) {
    const needs = filtered.flatMap(({ routes }) => routes.flatMap(({ filter }) => filter?.facts ?? []));
    if (needs.length > 0) await this.ports.factsReached(filtered.at(-1)!.stored.storePosition);
    const events: FilteredEvent[] = filtered.map(({ event, stored }) => ({ ...event, position: stored.position }));
    const facts = await this.ports.facts.load(events, needs);
    return new Map(events.map((event, i) => [event.position, { event, facts: facts[i]! }]));
  }

  /** Once for each event and version, by both. */
  private async bodiesOf(matched: readonly (Wanted & { event: OpenEvent })[]): Promise<Map<string, MadeBody>> {
    const { bodies, keyIdsOf, keyring } = this.ports;
    const made = new Map<string, MadeBody>();
    if (matched.length === 0) return made;
    const keys = await keyring(new Set(matched.flatMap(({ sealed }) => keyIdsOf(sealed))));
    for (const { event, sealed, stored, routes } of matched) {
      for (const pin of new Set(routes.map(({ pins }) => pins.get(event.type) ?? ''))) {
        const feedEvent = { ...event, position: stored.position, weight: stored.payload.length };
        made.set(`${stored.position} ${pin}`, bodies.make(feedEvent, sealed, pin, keys));
      }
    }
    return made;
  }
}

/** An endpoint is told nothing of itself, and nobody of a message about endpoints that became a dead letter: they would feed each other. */
function aboutEndpoint({ type, meta, data }: SealedEvent, routes: readonly Route[]): readonly Route[] {
  if (!type.startsWith('webhook_')) return routes;
  const { endpoint_id: about, event_type: of } = data as { endpoint_id?: string; event_type?: string };
  if (of?.startsWith('webhook_') === true) return [];
  return routes.filter(({ endpoint }) => endpoint !== meta.stream && endpoint !== about);
}

function duesOf(
  matched: readonly (Wanted & { event: OpenEvent })[],
  bodies: ReadonlyMap<string, MadeBody>,
): { rows: FreshRow[]; offers: Map<string, Due[]> } {
  const rows: FreshRow[] = [];
  const offers = new Map<string, Due[]>();
  for (const { sealed, stored, routes } of matched) {
    const { workspace, stream } = sealed.meta;
    const { position } = stored;
    const lane = stream.slice(stream.indexOf('_') + 1);
    for (const { endpoint, pins } of routes) {
      const pin = pins.get(sealed.type) ?? '';
      rows.push({ endpoint, run: LIVE, position, workspace, stream, pin });
      const { message } = bodies.get(`${position} ${pin}`)!;
      const due: Due = {
        run: LIVE,
        position,
        lane,
        pin,
        attempts: 0,
        table: 'fresh',
        message,
        isTaken: false,
        change: null,
      };
      const offered = offers.get(endpoint);
      if (offered === undefined) offers.set(endpoint, [due]);
      else offered.push(due);
    }
  }
  return { rows, offers };
}
