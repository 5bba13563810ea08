import type { WriteShell } from '../../../platform/commands/write-shell.js';
import { systemCaller } from '../../../platform/operations/caller.js';
import type { Connection } from '../../../platform/postgres/connection.js';
import { endpointAggregate } from '../endpoints/endpoint.aggregate.js';
import type { KnownRoutesPorts } from '../fan-out/known-routes.js';
import { isOpen, type Route, type Routes } from '../fan-out/routes.js';
import type { EndpointHealths } from '../queue/endpoint-healths.js';
import { healthOf, readHealth } from '../queue/health-rows.js';
import { shardOf } from '../queue/shard.js';
import type { LeaseListener, ShardLeases } from '../queue/shard-leases.js';
import type { Destinations } from './destinations.js';
import type { Dispatcher } from './dispatcher.js';
import { WELL } from './endpoint-health.js';
import type { LineOptions } from './endpoint-line.js';

export interface LeasedEndpointsPorts {
  leases: Pick<ShardLeases, 'has' | 'tokenOf'>;
  dispatcher: Pick<Dispatcher<unknown>, 'begin' | 'configure' | 'end' | 'finish'>;
  healths: Pick<EndpointHealths, 'isFailing' | 'set'>;
  destinations: Pick<Destinations, 'forget'>;
  shell: Pick<WriteShell, 'execute'>;
  /** A session of the service's, which sees all workspaces. */
  connection: Pick<Connection, 'query'>;
  trouble(error: unknown, what: string): void;
}

/** The endpoints whose shards this process has leases of: their lines begin and end with these, and are as the endpoints are. */
export class LeasedEndpoints
  implements Pick<LeaseListener, 'taken' | 'lost' | 'released'>, Pick<KnownRoutesPorts, 'changed' | 'gone'>
{
  constructor(
    private readonly routes: Pick<Routes, 'get' | 'all'>,
    private readonly ports: LeasedEndpointsPorts,
  ) {}

  taken(shards: readonly number[]): void {
    const taken = new Set(shards);
    for (const route of this.routes.all()) {
      if (!taken.has(shardOf(route.endpoint)) || route.state.deleted) continue;
      void this.begin(route.endpoint);
    }
  }

  lost(shards: readonly number[]): void {
    for (const endpoint of this.endpointsOf(shards)) {
      this.ports.dispatcher.end(endpoint);
      this.ports.healths.set(endpoint, WELL);
    }
  }

  async released(shards: readonly number[]): Promise<void> {
    const finish = async (endpoint: string) => {
      await this.ports.dispatcher.finish(endpoint);
      this.ports.healths.set(endpoint, WELL);
    };
    await Promise.all(this.endpointsOf(shards).map(finish));
  }

  changed(route: Route): void {
    const { leases, dispatcher, healths, destinations } = this.ports;
    const { endpoint } = route;
    if (route.state.deleted) destinations.forget(endpoint);
    if (!leases.has(shardOf(endpoint))) return;
    dispatcher.configure(endpoint, optionsOf(route));
    if (route.state.deleted) return;
    if (healths.isFailing(endpoint)) void this.rereadHealth(endpoint);
    void this.begin(endpoint);
  }

  gone(endpoint: string): void {
    const { dispatcher, healths, destinations } = this.ports;
    dispatcher.end(endpoint);
    healths.set(endpoint, WELL);
    destinations.forget(endpoint);
  }

  /** Those that were deleted, and of which something may be left. */
  deleted(): string[] {
    const deleted = [...this.routes.all()].filter(({ state }) => state.deleted);
    return deleted.map(({ endpoint }) => endpoint).filter((endpoint) => this.ports.leases.has(shardOf(endpoint)));
  }

  /** Begins to deliver anew, by what is in the tables, once what is under way has ended and is written. */
  async restart(endpoint: string): Promise<void> {
    const { leases, dispatcher } = this.ports;
    await dispatcher.finish(endpoint);
    const deleted = this.routes.get(endpoint)?.state.deleted ?? true;
    if (deleted || !leases.has(shardOf(endpoint))) return;
    await this.begin(endpoint);
  }

  /** Where it fails, it goes on, and is tried again with the next answer that says so. */
  async disable(endpoint: string, reason: 'gone' | 'failing'): Promise<void> {
    const { dispatcher, shell, trouble } = this.ports;
    const route = this.routes.get(endpoint);
    if (route === undefined || !isOpen(route.state)) return;
    dispatcher.configure(endpoint, { ...optionsOf(route), enabled: false });
    const { workspace } = route;
    await shell
      .execute({
        aggregate: endpointAggregate,
        caller: systemCaller(workspace, 'webhook_delivery', []),
        workspace,
        stream: endpoint,
        command: { type: 'disable', reason },
        respond: () => ({ status: 200, body: {} }),
      })
      .catch((error: unknown) => {
        trouble(error, 'a webhook endpoint cannot be disabled');
        const still = this.routes.get(endpoint);
        if (still !== undefined) dispatcher.configure(endpoint, optionsOf(still));
      });
  }

  /** For an endpoint whose shard is held. */
  private begin(endpoint: string): Promise<void> {
    const { leases, dispatcher } = this.ports;
    const token = leases.tokenOf(shardOf(endpoint))!;
    return dispatcher.begin({ endpoint, token }, () => optionsOf(this.routes.get(endpoint)!));
  }

  /** One that was enabled again begins well: its row is gone. */
  private async rereadHealth(endpoint: string): Promise<void> {
    const { connection, healths, trouble } = this.ports;
    try {
      const { rows } = await connection.query(readHealth(endpoint));
      healths.set(endpoint, healthOf(rows));
    } catch (error) {
      trouble(error, 'how a webhook endpoint is cannot be read');
    }
  }

  private endpointsOf(shards: readonly number[]): string[] {
    const meant = new Set(shards);
    return [...this.routes.all()].map(({ endpoint }) => endpoint).filter((endpoint) => meant.has(shardOf(endpoint)));
  }
}

function optionsOf({ state }: Route): LineOptions {
  const { ordered, concurrency, rateLimit, retrySchedule } = state;
  return { enabled: isOpen(state), ordered, concurrency, rate: rateLimit, schedule: retrySchedule };
}
