import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { loggedError } from '../../platform/observability/logged-error.js';
import { systemCaller } from '../../platform/operations/caller.js';
import { PROJECTION_SETTINGS } from '../../platform/projections/projection-connection.js';
import { ProjectionRunner } from '../../platform/projections/projection-runner.js';
import { Rounds } from '../../platform/runtime/rounds.js';
import { portsOf, type ServicePorts } from '../../platform/runtime/service-ports.js';
import { type Bodies, bodiesOn } from './bodies/bodies.js';
import type { BodyPorts } from './bodies/made-bodies.js';
import { DeliveryCounts } from './delivery/delivery-counts.js';
import { Destinations } from './delivery/destinations.js';
import { Dispatcher, type Sent } from './delivery/dispatcher.js';
import { type Due, LIVE, type Message } from './delivery/due.js';
import { WELL } from './delivery/endpoint-health.js';
import type { LineOptions } from './delivery/endpoint-line.js';
import { after, now } from './delivery/real-clock.js';
import { type Destination, isGone, signedPost } from './delivery/signed-post.js';
import { deliveryFigures } from './delivery-figures.js';
import { endpointAggregate } from './endpoints/endpoint.aggregate.js';
import { adoptedPosition } from './fan-out/adopted-position.js';
import { FanOut, type FanOutPorts } from './fan-out/fan-out.js';
import { FollowedLog } from './fan-out/followed-log.js';
import { KnownRoutes } from './fan-out/known-routes.js';
import type { MatchingPorts } from './fan-out/matching.js';
import { roomInMemory } from './fan-out/room-in-memory.js';
import { isOpen, type Route, Routes } from './fan-out/routes.js';
import { FactLookup } from './filter/fact-lookup.js';
import { factsReached } from './filter/facts-reached.js';
import type { KeptAnswer } from './queue/attempt-rows.js';
import { EndpointHealths } from './queue/endpoint-healths.js';
import { eventHeads } from './queue/event-heads.js';
import { healthOf, readHealth } from './queue/health-rows.js';
import { HINTS_CHANNEL, parseHint } from './queue/hints.js';
import { PostgresQueue } from './queue/postgres-queue.js';
import { shardOf } from './queue/shard.js';
import { ShardLeases } from './queue/shard-leases.js';
import { ReplayRunner } from './replays/replay-runner.js';
import { type ReplayOfRun, ReplayRuns } from './replays/replay-runs.js';
import { AddressGuard } from './sending/address-guard.js';
import { Sender } from './sending/sender.js';
import { Upkeep } from './telling/upkeep.js';

/** It is given all types, and stops before what only a newer version knows: that may be for an endpoint. */
const FAN_OUT = { service: 'webhooks', name: 'fan_out', types: [], whole: true };
const TICK_MS = 1000;
/** Events that are put among what is due at once. What of them is in memory until it is sent is to be gone before the next collection. */
const A_PAGE = 500;
const ENDS_WITHIN_MS = 16_000;
const TAKE_OVER_AFTER_MS = 5000;

/** Brings events to endpoints: puts them among what is due, and sends what is due of the endpoints that this process has leases of. */
@Injectable()
export class WebhookDelivery implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly routes = new Routes();
  private readonly known: KnownRoutes;
  private adoptedTo = 0;
  private readonly bodies: Bodies;
  private readonly sender: Sender;
  private readonly destinations: Destinations;
  private readonly counts = new DeliveryCounts();
  private readonly healths: EndpointHealths;
  private readonly queue: PostgresQueue;
  private readonly leases: ShardLeases;
  private readonly dispatcher: Dispatcher<KeptAnswer>;
  private readonly fanOut: FanOut;
  private readonly runner: ProjectionRunner;
  private readonly rounds: Rounds;
  private readonly upkeep: Upkeep;
  private readonly replayRuns: ReplayRuns;
  private readonly replays: ReplayRunner;
  private stopListening: () => void = () => undefined;

  constructor(
    @Inject(portsOf('webhooks')) private readonly ports: ServicePorts,
    @Inject(AddressGuard) guard: AddressGuard,
  ) {
    const { installation, writing, feed, openSession, feedLog, history } = ports;
    const { codec, keys } = writing;
    const reads = openSession('due', { parameters: RESULT_SETTINGS });
    this.bodies = bodiesOn(ports, reads);
    this.sender = new Sender(guard);
    this.destinations = new Destinations((workspace) => keys.workspaceKey(installation, workspace));
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
      taken: (shards) => this.take(shards),
      lost: (shards) => this.leave(shards),
      released: (shards) => this.release(shards),
      renewed: () => this.dispatcher.goOn(),
      onTrouble: (error) => this.trouble(error, 'the leases of webhooks cannot be renewed'),
    });
    this.known = new KnownRoutes(this.routes, {
      connection: installation,
      changed: (route) => this.changed(route),
      gone: (endpoint) => this.gone(endpoint),
      now,
    });
    const workspaceOf = (endpoint: string) => this.routes.get(endpoint)!.workspace;
    this.healths = new EndpointHealths({
      workspaceOf,
      now: () => Date.now(),
      givenUp: (endpoint) => void this.disable(endpoint, 'failing'),
    });
    this.queue = new PostgresQueue({
      writes: openSession('results', { parameters: RESULT_SETTINGS }),
      reads,
      bodies: this.bodies,
      workspaceOf,
      isKnown: (endpoint) => this.routes.get(endpoint) !== undefined,
      healths: this.healths,
      written: (changes) => this.counts.written(changes),
      now,
    });
    this.dispatcher = new Dispatcher<KeptAnswer>({
      store: this.queue,
      mayBeLate: () => this.leases.mayBeLate,
      send: (endpoint, due, message, isStill) => this.send(endpoint, due, message, isStill),
      clock: { now, after },
      random: Math.random,
      onTrouble: (error) => this.trouble(error, 'what is due cannot be read or written'),
    });
    const events: Omit<MatchingPorts, 'facts'> & BodyPorts & Pick<FanOutPorts, 'bodies' | 'decode'> = {
      bodies: this.bodies,
      decode: ({ fingerprint, payload }) => codec.decode(fingerprint, payload),
      keyIdsOf: (event) => codec.keyIdsOf(event),
      open: (sealed) => history.open(sealed),
      keyring: (ids) => keys.loadByIds(installation, ids),
      factsReached: (position) => factsReached(ports, position),
    };
    this.fanOut = new FanOut({
      ...events,
      routes: this.routes,
      facts: new FactLookup(reads),
      room: async (events) => {
        if (events >= A_PAGE) await roomInMemory(() => this.dispatcher.mostFresh);
      },
      began: () => this.readAnew(),
      hasOthers: () => this.leases.hasOthers,
      adopted: () => this.adoptedTo,
    });
    this.runner = new ProjectionRunner(
      FAN_OUT,
      openSession('fan-out', {
        parameters: PROJECTION_SETTINGS,
        answerWithin: 20_000,
        onSession: async () => this.runner.sessionBegan(),
      }),
      new FollowedLog(feedLog, () => this.routes.size > 0),
      this.fanOut,
      {
        takeOverAfterMs: TAKE_OVER_AFTER_MS,
        page: A_PAGE,
        onTrouble: (status) => ports.log.warn(status, 'events are not put among what is due'),
        onMoved: (position) => this.committed(position),
      },
    );
    this.rounds = new Rounds(TICK_MS, () => this.tick());
    this.tellFigures();
    this.upkeep = new Upkeep({
      shell: ports.shell,
      connection: installation,
      shards: () => this.leases.shards(),
      tokenOf: (shard) => this.leases.tokenOf(shard),
      eventsAt: (positions) => eventHeads(feed, codec, positions),
      deletedEndpoints: () => this.deletedEndpoints(),
      finish: (endpoint) => this.dispatcher.finish(endpoint),
      forget: (endpoint) => this.known.forget(endpoint),
      now,
      trouble: (error, what) => this.trouble(error, what),
    });
    this.replayRuns = new ReplayRuns(installation);
    const replaying = openSession('replays', { parameters: RESULT_SETTINGS });
    this.replays = new ReplayRunner({
      ...events,
      facts: new FactLookup(replaying),
      log: feedLog,
      connection: replaying,
      shell: ports.shell,
      runs: this.replayRuns,
      restart: (endpoint) => this.restart(endpoint),
      tokenOf: (shard) => this.leases.tokenOf(shard),
      route: (endpoint) => this.routes.get(endpoint),
      trouble: (error, what) => this.trouble(error, what),
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

  /** The fan-out begins, or another process has gone on with it: all is as the tables say. */
  private async readAnew(): Promise<void> {
    this.adoptedTo = await adoptedPosition(this.ports.installation);
    await this.known.readAnew();
    this.dispatcher.hintAll(LIVE);
  }

  private committed(position: number): void {
    const outcome = this.fanOut.committed(position);
    if (outcome === null) return;
    for (const route of outcome.routes) this.known.take(route);
    for (const [endpoint, dues] of outcome.offers) {
      this.counts.due(dues.length);
      this.dispatcher.offer(endpoint, LIVE, dues);
    }
  }

  private changed(route: Route): void {
    const { endpoint } = route;
    if (route.state.deleted) this.destinations.forget(endpoint);
    if (!this.leases.has(shardOf(endpoint))) return;
    this.dispatcher.configure(endpoint, optionsOf(route));
    if (route.state.deleted) return;
    if (this.healths.isFailing(endpoint)) void this.rereadHealth(endpoint);
    void this.begin(endpoint);
  }

  /** For an endpoint whose shard is held. */
  private begin(endpoint: string): Promise<void> {
    const token = this.leases.tokenOf(shardOf(endpoint))!;
    return this.dispatcher.begin({ endpoint, token }, () => optionsOf(this.routes.get(endpoint)!));
  }

  private gone(endpoint: string): void {
    this.dispatcher.end(endpoint);
    this.healths.set(endpoint, WELL);
    this.destinations.forget(endpoint);
  }

  /** One that was enabled again begins well: its row is gone. */
  private async rereadHealth(endpoint: string): Promise<void> {
    try {
      const { rows } = await this.ports.installation.query(readHealth(endpoint));
      this.healths.set(endpoint, healthOf(rows));
    } catch (error) {
      this.trouble(error, 'how a webhook endpoint is cannot be read');
    }
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

  private take(shards: readonly number[]): void {
    const taken = new Set(shards);
    for (const route of this.routes.all()) {
      if (!taken.has(shardOf(route.endpoint)) || route.state.deleted) continue;
      void this.begin(route.endpoint);
    }
  }

  private leave(shards: readonly number[]): void {
    for (const endpoint of this.endpointsOf(shards)) {
      this.dispatcher.end(endpoint);
      this.healths.set(endpoint, WELL);
    }
  }

  private async release(shards: readonly number[]): Promise<void> {
    const finish = async (endpoint: string) => {
      await this.dispatcher.finish(endpoint);
      this.healths.set(endpoint, WELL);
    };
    await Promise.all(this.endpointsOf(shards).map(finish));
  }

  private async restart(endpoint: string): Promise<void> {
    await this.dispatcher.finish(endpoint);
    const deleted = this.routes.get(endpoint)?.state.deleted ?? true;
    if (deleted || !this.leases.has(shardOf(endpoint))) return;
    await this.begin(endpoint);
  }

  private deletedEndpoints(): string[] {
    const deleted = [...this.routes.all()].filter(({ state }) => state.deleted);
    return deleted.map(({ endpoint }) => endpoint).filter((endpoint) => this.leases.has(shardOf(endpoint)));
  }

  private endpointsOf(shards: readonly number[]): string[] {
    const meant = new Set(shards);
    return [...this.routes.all()].map(({ endpoint }) => endpoint).filter((endpoint) => meant.has(shardOf(endpoint)));
  }

  private async send(
    endpoint: string,
    due: Due,
    message: Message,
    isStill: () => boolean,
  ): Promise<Sent<KeptAnswer> | 'taken_back' | 'not_now'> {
    let destination: Destination;
    let replay: ReplayOfRun | null;
    try {
      const route = this.routes.get(endpoint);
      // Its secrets are gone with it.
      if (route === undefined || route.state.deleted) return 'taken_back';
      destination = this.destinations.known(route) ?? (await this.destinations.of(route));
      replay = due.run === LIVE ? null : await this.replayRuns.of(endpoint, due.run);
    } catch (error) {
      this.trouble(error, 'it cannot be read how a webhook endpoint is to be called');
      return 'not_now';
    }
    if (replay?.isTakenBack === true) return 'taken_back';
    if (!isStill()) return 'not_now';
    const sent = await signedPost(this.sender, destination, due, message, replay?.id);
    this.counts.attempted(sent.answer);
    if (isGone(sent.answer)) void this.disable(endpoint, 'gone');
    return sent;
  }

  /** Where it fails, it goes on, and is tried again with the next answer that says so. */
  private async disable(endpoint: string, reason: 'gone' | 'failing'): Promise<void> {
    const route = this.routes.get(endpoint);
    if (route === undefined || !isOpen(route.state)) return;
    this.dispatcher.configure(endpoint, { ...optionsOf(route), enabled: false });
    const { workspace } = route;
    await this.ports.shell
      .execute({
        aggregate: endpointAggregate,
        caller: systemCaller(workspace, 'webhook_delivery', []),
        workspace,
        stream: endpoint,
        command: { type: 'disable', reason },
        respond: () => ({ status: 200, body: {} }),
      })
      .catch((error: unknown) => {
        this.trouble(error, 'a webhook endpoint cannot be disabled');
        const still = this.routes.get(endpoint);
        if (still !== undefined) this.dispatcher.configure(endpoint, optionsOf(still));
      });
  }

  private trouble(error: unknown, what: string): void {
    this.ports.log.warn(loggedError(error), what);
  }
}

const RESULT_SETTINGS = {
  lock_timeout: '5s',
  idle_in_transaction_session_timeout: '5s',
  // As the settings of projections: a plan that was made while a table was empty must not scan it for ever after.
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  // From lane to lane, along their index.
  enable_bitmapscan: 'off',
};

function optionsOf({ state }: Route): LineOptions {
  const { ordered, concurrency, rateLimit, retrySchedule } = state;
  return { enabled: isOpen(state), ordered, concurrency, rate: rateLimit, schedule: retrySchedule };
}
