import type { Connection } from '../../../platform/postgres/connection.js';
import { goneOf, readRoutes } from './route-rows.js';
import { type Route, type Routes, routeOf } from './routes.js';

export interface KnownRoutesPorts {
  /** A session of the service's, which sees all workspaces. */
  connection: Pick<Connection, 'query'>;
  /** An endpoint may be another than it was. */
  changed(route: Route): void;
  /** Nothing is to be kept of an endpoint: it was deleted, and its queue is empty. */
  gone(endpoint: string): void;
  /** Never goes back; ms. */
  now(): number;
}

/** Each process looks so often whose rows are gone; to whom it matters what is in memory, they matter sooner. */
const LOOKS_FOR_GONE_MS = 300_000;

/** What this process knows of the endpoints, held against their rows, which any process of the fan-out writes. */
export class KnownRoutes {
  private readTo = -1;
  private lookedAt: number;

  constructor(
    private readonly routes: Routes,
    private readonly ports: KnownRoutesPorts,
  ) {
    this.lookedAt = ports.now();
  }

  /** What was changed since; to be called each second or so. */
  async readOn(): Promise<void> {
    const { connection, now } = this.ports;
    for (const row of await readRoutes(connection, this.readTo)) this.take(routeOf(row));
    if (now() - this.lookedAt < LOOKS_FOR_GONE_MS) return;
    this.lookedAt = now();
    const known = [...this.routes.all()].map(({ endpoint }) => endpoint);
    for (const endpoint of await goneOf(connection, known)) this.forget(endpoint);
  }

  /** All is as the rows say, whatever was known. */
  async readAnew(): Promise<void> {
    const routes = (await readRoutes(this.ports.connection, -1)).map(routeOf);
    const there = new Set(routes.map(({ endpoint }) => endpoint));
    for (const { endpoint } of [...this.routes.all()]) if (!there.has(endpoint)) this.forget(endpoint);
    for (const route of routes) this.routes.set(route);
    // What was read on meanwhile is read again.
    this.readTo = routes.reduce((most, { position }) => Math.max(most, position), -1);
    for (const route of routes) this.ports.changed(route);
  }

  /** What it became, as far as it is not known to be something later. */
  take(route: Route): void {
    const { endpoint, position } = route;
    this.readTo = Math.max(this.readTo, position);
    const known = this.routes.get(endpoint);
    if (known !== undefined && known.position > position) return;
    this.routes.set(route);
    this.ports.changed(route);
  }

  forget(endpoint: string): void {
    this.ports.gone(endpoint);
    this.routes.delete(endpoint);
  }
}
