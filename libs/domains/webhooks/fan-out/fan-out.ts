import type { SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { StoredEvent } from '../../../platform/event-log/event-log.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import type { Fold } from '../../../platform/projections/fold.js';
import { blamingEvents } from '../../../platform/projections/poison.js';
import { type Bodies, type KeysBefore, nameOf } from '../bodies/bodies.js';
import { type Due, LIVE, type Message, newDue } from '../delivery/due.js';
import { endpointDecider } from '../endpoints/endpoint.decider.js';
import type { EndpointEvent } from '../endpoints/endpoint.events.js';
import { forgetHealth } from '../queue/health-rows.js';
import { hintOthers, hintWaiting } from '../queue/hints.js';
import { type FreshRow, insertFresh } from './due-rows.js';
import { type DecidedLane, decidedLane, goOnWith } from './lane-rows.js';
import { type Matched, type MatchingPorts, matching, toldOf, type Wanted as WantedBy } from './matching.js';
import { keepRoutes } from './route-rows.js';
import { pinOf, type Route, type Routes, routeOf, wants } from './routes.js';

export interface FanOutPorts extends MatchingPorts {
  routes: Routes;
  bodies: Pick<Bodies, 'keysBefore' | 'make'>;
  decode(stored: StoredEvent): SealedEvent;
  /** Resolves when there is room for so many events more; soon, whatever happens. */
  room(events: number): Promise<void>;
  /** The place was taken anew: routes are to be read again, and nothing that was told before is all that there is. */
  began(): Promise<void>;
  /** Whether other processes deliver, too, and are to be told. */
  hasOthers(): boolean;
  /** Up to here nothing is put among what is due. */
  adopted(): number;
}

type Wanted = WantedBy<Route>;

/** What is told once it is committed. */
interface Outcome {
  upTo: number;
  routes: readonly Route[];
  offers: ReadonlyMap<string, Due[]>;
}

/** Events times endpoints that want their type: what a transaction writes, and what is asked of conditions, is bounded by it. */
const MOST_AT_ONCE = 20_000;
const ANEW: ReadonlySet<string> = new Set(['webhook_endpoint.enabled', 'webhook_endpoint.deleted']);

/**
 * From the log to what is due: for each event a row for each endpoint that wants it, and the endpoints as their own events make
 * them; effect and cursor in one transaction. So an endpoint has exactly the events after the one that made or enabled it, as
 * its filter was when they happened. What is sent of an event is made once for each version that they are pinned to, and handed
 * over with its rows.
 */
export class FanOut implements Fold {
  private readonly known = new WeakMap<StoredEvent, SealedEvent>();
  private outcome: Outcome | null = null;

  constructor(private readonly ports: FanOutPorts) {}

  atOnce(events: readonly StoredEvent[]): Promise<number> {
    return blamingEvents(async () => {
      await this.ports.room(events.length);
      return this.wantedIn(events, MOST_AT_ONCE).looked;
    });
  }

  statements(events: readonly StoredEvent[]): Promise<SqlStatement[]> {
    this.outcome = null;
    return blamingEvents(async () => {
      const { wanted, changed, lanes, anew } = this.wantedIn(events, Number.POSITIVE_INFINITY);
      const keys = await this.ports.bodies.keysBefore(wanted.map(({ sealed }) => sealed));
      const matched = await matching(this.ports, wanted);
      const { rows, offers } = duesOf(matched, this.messagesOf(matched, keys));
      this.outcome = { upTo: events.at(-1)!.position, routes: changed, offers };
      return [
        ...(changed.length > 0 ? [keepRoutes(changed)] : []),
        ...(anew.length > 0 ? [forgetHealth(anew)] : []),
        ...goOnWith(lanes),
        ...(lanes.length > 0 ? [hintWaiting([...new Set(lanes.map(({ endpoint }) => endpoint))])] : []),
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
    this.outcome = null;
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

  /** In their order, each held against the endpoints as they are at its place, until so many are to be told; at least the first. */
  private wantedIn(
    events: readonly StoredEvent[],
    most: number,
  ): {
    /** Of so many events it is what follows. */
    looked: number;
    wanted: Wanted[];
    changed: Route[];
    lanes: DecidedLane[];
    /** Endpoints that are enabled again, or deleted. */
    anew: string[];
  } {
    const { routes } = this.ports;
    const changed = new Map<string, Route>();
    const wanted: Wanted[] = [];
    const lanes: DecidedLane[] = [];
    const anew: string[] = [];
    let [looked, toTell] = [0, 0];
    for (const stored of events) {
      if (toTell >= most) break;
      looked++;
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
        if (ANEW.has(type)) anew.push(meta.stream);
      }
      if (stored.position <= this.ports.adopted()) continue;
      const wanting = changed.size === 0 ? routes.wantingOf(meta.workspace, type) : this.wantingNow(changed, sealed);
      const told = toldOf(sealed, wanting);
      toTell += told.length;
      if (told.length > 0) wanted.push({ sealed, stored, routes: told });
    }
    return { looked, wanted, changed: [...changed.values()], lanes, anew };
  }

  /** On the few pages that change an endpoint. */
  private wantingNow(changed: ReadonlyMap<string, Route>, { type, meta }: SealedEvent): readonly Route[] {
    const before = this.ports.routes.wantingOf(meta.workspace, type).filter(({ endpoint }) => !changed.has(endpoint));
    const now = [...changed.values()].filter((route) => route.workspace === meta.workspace && wants(route, type));
    return [...before, ...now];
  }

  /** What is sent, once for each event and version, by both. */
  private messagesOf(matched: readonly Matched<Wanted>[], keys: KeysBefore): Map<string, Message> {
    const messages = new Map<string, Message>();
    for (const { event, sealed, stored, routes } of matched) {
      const { position } = stored;
      for (const pin of new Set(routes.map((route) => pinOf(route, event)))) {
        messages.set(nameOf({ position, pin }), this.ports.bodies.make({ ...event, position }, sealed, pin, keys));
      }
    }
    return messages;
  }
}

function duesOf(
  matched: readonly Matched<Wanted>[],
  messages: ReadonlyMap<string, Message>,
): { rows: FreshRow[]; offers: Map<string, Due[]> } {
  const rows: FreshRow[] = [];
  const offers = new Map<string, Due[]>();
  for (const { sealed, stored, routes } of matched) {
    const { workspace, stream } = sealed.meta;
    const { position } = stored;
    const lane = stream.slice(stream.indexOf('_') + 1);
    for (const route of routes) {
      const { endpoint } = route;
      const pin = pinOf(route, sealed);
      rows.push({ endpoint, run: LIVE, position, workspace, stream, pin });
      const message = messages.get(nameOf({ position, pin }))!;
      const due = newDue({ run: LIVE, position, lane, pin }, 'fresh', 0, message);
      const offered = offers.get(endpoint);
      if (offered === undefined) offers.set(endpoint, [due]);
      else offered.push(due);
    }
  }
  return { rows, offers };
}
