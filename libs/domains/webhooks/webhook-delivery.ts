import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { loggedError } from '../../platform/observability/logged-error.js';
import type { ProjectionRunner } from '../../platform/projections/projection-runner.js';
import { Rounds } from '../../platform/runtime/rounds.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { bodiesOn } from './bodies/bodies.js';
import { DeliveryCounts } from './delivery/delivery-counts.js';
import { Destinations } from './delivery/destinations.js';
import { Dispatcher } from './delivery/dispatcher.js';
import { duePost } from './delivery/due-post.js';
import { LeasedEndpoints } from './delivery/leased-endpoints.js';
import { after, now } from './delivery/real-clock.js';
import { deliveryFigures } from './delivery-figures.js';
import type { FanOutPorts } from './fan-out/fan-out.js';
import { fanOutRunner } from './fan-out/fan-out-runner.js';
import { KnownRoutes } from './fan-out/known-routes.js';
import type { MatchingPorts } from './fan-out/matching.js';
import { Routes } from './fan-out/routes.js';
import { FactLookup } from './filter/fact-lookup.js';
import { factsReached } from './filter/facts-reached.js';
import type { KeptAnswer } from './queue/attempt-rows.js';
import { EndpointHealths } from './queue/endpoint-healths.js';
import { eventHeads } from './queue/event-heads.js';
import { HINTS_CHANNEL, parseHint } from './queue/hints.js';
import { PostgresQueue } from './queue/postgres-queue.js';
import { QUEUE_SETTINGS } from './queue/queue-settings.js';
import { ShardLeases } from './queue/shard-leases.js';
import { ReplayRunner } from './replays/replay-runner.js';
import { ReplayRuns } from './replays/replay-runs.js';
import { AddressGuard } from './sending/address-guard.js';
import { Sender } from './sending/sender.js';
import { Upkeep } from './telling/upkeep.js';

const TICK_MS = 1000;
const ENDS_WITHIN_MS = 16_000;

/** Brings events to endpoints: puts them among what is due, and sends what is due of the endpoints that this process has leases of. */
@Injectable()
export class WebhookDelivery implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly routes = new Routes();
  private readonly known: KnownRoutes;
  private readonly sender: Sender;
  private readonly counts = new DeliveryCounts();
  private readonly healths: EndpointHealths;
  private readonly leases: ShardLeases;
  private readonly endpoints: LeasedEndpoints;
  private readonly dispatcher: Dispatcher<KeptAnswer>;
  private readonly runner: ProjectionRunner;
  private readonly rounds: Rounds;
  private readonly upkeep: Upkeep;
  private readonly replays: ReplayRunner;
  private stopListening: () => void = () => undefined;

  constructor(
    @Inject(portsOf('webhooks')) private readonly ports: ServicePorts,
    @Inject(AddressGuard) guard: AddressGuard,
  ) {
    const { installation, writing, feed, openSession, feedLog, history, shell } = ports;
    const { codec, keys } = writing;
    const trouble = (error: unknown, what: string) => ports.log.warn(loggedError(error), what);
    const reads = openSession('due', { parameters: QUEUE_SETTINGS });
    const bodies = bodiesOn(ports, reads);
    this.sender = new Sender(guard);
    const destinations = new Destinations((workspace) => keys.workspaceKey(installation, workspace));
    const leasing = openSession('leases', {
      onSession: async (client) => {
        this.leases.sessionBegan();
        await client.query(`listen ${HINTS_CHANNEL}`);
        // The session can be used once this has ended. What was told while there was none was not heard.
        setImmediate(() => this.sessionBegan());
      },
    });
    leasing.onNotification((_, payload) => this.hear(payload));
    this.leases = new ShardLeases(leasing, {
      taken: (shards) => this.endpoints.taken(shards),
      lost: (shards) => this.endpoints.lost(shards),
      released: (shards) => this.endpoints.released(shards),
      renewed: () => this.dispatcher.goOn(),
      onTrouble: (error) => trouble(error, 'the leases of webhooks cannot be renewed'),
    });
    const replayRuns = new ReplayRuns(installation);
    const workspaceOf = (endpoint: string) => this.routes.get(endpoint)!.workspace;
    this.healths = new EndpointHealths({
      workspaceOf,
      now: () => Date.now(),
      givenUp: (endpoint) => void this.endpoints.disable(endpoint, 'failing'),
    });
    const queue = new PostgresQueue({
      writes: openSession('results', { parameters: QUEUE_SETTINGS }),
      reads,
      bodies,
      workspaceOf,
      isKnown: (endpoint) => this.routes.get(endpoint) !== undefined,
      healths: this.healths,
      written: (changes) => this.counts.written(changes),
      now,
    });
    this.dispatcher = new Dispatcher<KeptAnswer>({
      store: queue,
      mayBeLate: () => this.leases.mayBeLate,
      send: duePost({
        routes: this.routes,
        destinations,
        replayRuns,
        sender: this.sender,
        counts: this.counts,
        gone: (endpoint) => void this.endpoints.disable(endpoint, 'gone'),
        trouble,
      }),
      clock: { now, after },
      random: Math.random,
      onTrouble: (error) => trouble(error, 'what is due cannot be read or written'),
    });
    this.endpoints = new LeasedEndpoints(this.routes, {
      leases: this.leases,
      dispatcher: this.dispatcher,
      healths: this.healths,
      destinations,
      shell,
      connection: installation,
      trouble,
    });
    this.known = new KnownRoutes(this.routes, {
      connection: installation,
      changed: (route) => this.endpoints.changed(route),
      gone: (endpoint) => this.endpoints.gone(endpoint),
      now,
    });
    const events: Omit<MatchingPorts, 'facts'> & Pick<FanOutPorts, 'decode'> = {
      decode: ({ fingerprint, payload }) => codec.decode(fingerprint, payload),
      open: (sealed) => history.open(sealed),
      factsReached: (position) => factsReached(ports, position),
    };
    this.runner = fanOutRunner(ports, {
      ...events,
      bodies,
      routes: this.routes,
      facts: new FactLookup(reads),
      hasOthers: () => this.leases.hasOthers,
      known: this.known,
      dispatcher: this.dispatcher,
      counts: this.counts,
    });
    this.rounds = new Rounds(TICK_MS, () => this.tick());
    this.tellFigures();
    this.upkeep = new Upkeep({
      shell,
      connection: installation,
      shards: () => this.leases.shards(),
      tokenOf: (shard) => this.leases.tokenOf(shard),
      eventsAt: (positions) => eventHeads(feed, codec, positions),
      deletedEndpoints: () => this.endpoints.deleted(),
      finish: (endpoint) => this.dispatcher.finish(endpoint),
      forget: (endpoint) => this.known.forget(endpoint),
      now,
      trouble,
    });
    const replaying = openSession('replays', { parameters: QUEUE_SETTINGS });
    this.replays = new ReplayRunner({
      ...events,
      facts: new FactLookup(replaying),
      log: feedLog,
      connection: replaying,
      shell,
      runs: replayRuns,
      restart: (endpoint) => this.endpoints.restart(endpoint),
      tokenOf: (shard) => this.leases.tokenOf(shard),
      route: (endpoint) => this.routes.get(endpoint),
      trouble,
    });
  }

  onApplicationBootstrap(): void {
    this.stopListening = this.ports.feedLog.onAppend(() => this.runner.wake());
    this.runner.start();
    this.leases.start();
    this.rounds.begin();
    this.upkeep.begin();
    this.replays.begin();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopListening();
    await this.rounds.end();
    await Promise.all([this.upkeep.end(), this.replays.end()]);
    await this.runner.close();
    await this.dispatcher.close(ENDS_WITHIN_MS);
    await this.leases.close();
    await this.sender.close();
  }

  private tellFigures(): void {
    const { figures } = this.ports;
    figures.addFollower(() => this.runner.status());
    const delivering = {
      counts: this.counts,
      underWay: () => this.dispatcher.attemptsUnderWay,
      shards: () => this.leases.shards().length,
      failing: () => this.healths.failingCount,
    };
    figures.add(...deliveryFigures(delivering));
  }

  private async tick(): Promise<void> {
    this.runner.tick(await this.ports.feedLog.end());
    await this.known.readOn();
  }

  private sessionBegan(): void {
    void this.leases.look();
    void this.dispatcher.rereadAll();
  }

  private hear(payload: string): void {
    const hint = parseHint(payload);
    if (hint === null) return;
    if (hint.kind === 'fresh') this.dispatcher.hintFresh(hint.endpoint, hint.run);
    else void this.dispatcher.hintWaiting(hint.endpoint);
  }
}
