import type { Type } from '@nestjs/common';
import type { Logger } from 'pino';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { IdempotencyRetention } from '../commands/idempotency-retention.js';
import { WriteShell } from '../commands/write-shell.js';
import { EventCodec } from '../event-codec/event-codec.js';
import { PostgresEventLog } from '../event-log/postgres-event-log.js';
import { beyondTheEnd, decodeCursor, encodeCursor, type Place } from '../event-store/cursor.js';
import { identifyStore, type StoreIdentity } from '../event-store/epoch.js';
import { moveIn, readHome } from '../event-store/log-home.js';
import { Feed } from '../feed/feed.js';
import { feedLog } from '../feed/feed-log.js';
import { StreamHistory } from '../feed/stream-history.js';
import { KeyDirectory } from '../http/key-directory.js';
import { TicketDesk } from '../http/ticket-desk.js';
import { reachKafka } from '../kafka/kafka-check.js';
import { Problem } from '../kernel/problem.js';
import { KeyStore } from '../keys/key-store.js';
import { LiveStreams } from '../live/live-streams.js';
import { Figures } from '../observability/figures.js';
import { loggedError } from '../observability/logged-error.js';
import type { Traces } from '../observability/traces.js';
import { Invoker } from '../operations/invoker.js';
import { Connection } from '../postgres/connection.js';
import { migrate } from '../postgres/migrate.js';
import { EventOpener } from '../projections/event-opener.js';
import type { Follower } from '../projections/follower.js';
import type { Projection } from '../projections/projection.js';
import { ProjectionFollower } from '../projections/projection-follower.js';
import type { ProjectionStatus } from '../projections/projection-runner.js';
import { ReadPool } from '../reads/read-pool.js';
import type { WebhookSettings } from '../settings/webhook-variables.js';
import { type Domain, domainsOf } from './domain-module.js';
import { IdleCollection } from './idle-collection.js';
import { KafkaEngine, type KafkaEngineOptions } from './kafka-engine.js';
import { migrationsOf, servicesOf } from './migrations.js';
import type { ServicePorts, WritePorts } from './service-ports.js';

export interface RuntimeOptions {
  /** A role that may make roles and schemas; the services' sessions take on their own roles at once. */
  databaseUrl: string;
  /** The module that lists the domains to run. */
  module: Type;
  log: Logger;
  /** Where the log is kept; in the store itself where it is null. */
  kafka: Pick<KafkaEngineOptions, 'kafka' | 'registry' | 'relays'> | null;
  /** Where its domains may send to when a workspace says so, the public internet with TLS unless told; and for how long that is kept. */
  webhooks?: Partial<WebhookSettings>;
  /** Null: none are made. */
  traces: Traces | null;
}

const CATCH_UP_MS = 5000;
/** How often a store that awaits Kafka is looked at; ms. */
const LOOK_AGAIN_MS = 1000;

const WRITER_SETTINGS = {
  lock_timeout: '3s',
  statement_timeout: '10s',
  idle_in_transaction_session_timeout: '1s',
  // A plan that was made while a table was empty must not scan it for ever after.
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
};

/** Everything under the domains: the store, the log, the keys, and the ports of each service. */
export class Runtime {
  readonly codec = new EventCodec(EVENT_SCHEMAS);
  readonly keys = new KeyStore();
  private readonly opener = new EventOpener(this.codec, this.keys);
  readonly invoker = new Invoker();
  readonly figures = new Figures();
  readonly services = new Map<string, ServicePorts>();
  readonly directory: KeyDirectory;
  readonly ticketDesk = new TicketDesk();
  readonly live: LiveStreams;
  /** The store's own event table. */
  readonly log: PostgresEventLog;
  /** What has come back of all events from Kafka, in the store's order; the log itself where that is embedded. */
  private readonly feed: PostgresEventLog;
  /** Null where that is the log. */
  readonly engine: KafkaEngine | null;
  private readonly connections: Connection[] = [];
  private readonly retention: IdempotencyRetention;
  private readonly collection = new IdleCollection(() => {
    let commands = 0;
    for (const { shell, writing } of this.services.values()) {
      commands += shell.counts.commands + writing.beside.commands;
    }
    return commands;
  });
  private readonly lookAgain = setInterval(() => {
    if (this.identity.awaitsKafka) this.reidentify().catch(() => undefined);
  }, LOOK_AGAIN_MS);
  private secret = '';
  private identity: StoreIdentity = { id: '', epochs: [], awaitsKafka: false };

  private constructor(private readonly options: RuntimeOptions) {
    const { databaseUrl, kafka, log, traces } = options;
    this.log = new PostgresEventLog(databaseUrl, 'heddle_log_writer');
    this.engine = kafka === null ? null : new KafkaEngine({ ...kafka, databaseUrl, codec: this.codec, log, traces });
    this.feed = kafka === null ? this.log : feedLog(databaseUrl);
    this.directory = new KeyDirectory(this.log, this.codec);
    this.live = new LiveStreams({
      url: databaseUrl,
      log: this.log,
      decode: (stored) => this.opener.decode(stored),
      open: (events) => this.services.values().next().value!.history.open(events),
      cursorOf: (workspace, place) => this.cursorOf(workspace, place),
      ...(this.feed === this.log ? {} : { feed: this.feed }),
      holds: (key) => this.directory.holds(key),
      onFailed: (error, who) => log.error({ ...who, ...loggedError(error) }, 'a live reader failed'),
    });
    const domains = domainsOf(options.module);
    for (const service of new Set(domains.map((domain) => domain.service))) {
      this.services.set(service, this.portsFor(service, domains));
    }
    this.retention = new IdempotencyRetention(this.connections[1]!);
  }

  /** Migrates, connects, and reads what it must know; resolves when the first request can be answered. */
  static async start(options: RuntimeOptions): Promise<Runtime> {
    const domains = domainsOf(options.module);
    await migrate(options.databaseUrl, servicesOf(domains), migrationsOf(domains));
    const runtime = new Runtime(options);
    try {
      await Promise.all([runtime.log.start(), ...runtime.connections.map((connection) => connection.ready())]);
      await Promise.all([...runtime.services.values()].map(({ reads }) => reads.ready()));
      await runtime.requireKafkaBeforeMove();
      await moveIn(runtime.connections[1]!, options.kafka === null ? 'postgres' : 'kafka');
      // Where it moved just now, it may have begun another life.
      if (options.kafka !== null) await Promise.all([runtime.reidentify(), runtime.feed.start()]);
      runtime.lookAgain.unref();
      runtime.secret = await runtime.keys.installationSecret(runtime.connections[1]!);
      await runtime.directory.start();
      runtime.retention.start();
      runtime.collection.start();
      for (const { follower } of runtime.services.values()) follower?.start();
      await runtime.engine?.start();
    } catch (error) {
      await runtime.close();
      throw error;
    }
    return runtime;
  }

  get store(): StoreIdentity {
    return this.identity;
  }

  /** Whether a request would be answered now. */
  get isReady(): boolean {
    return this.connections.every((connection) => connection.isUp);
  }

  /** Resolves when the sessions that domains asked for at their making can be used, too. */
  async sessionsReady(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.ready()));
  }

  async close(): Promise<void> {
    clearInterval(this.lookAgain);
    this.directory.close();
    this.retention.close();
    this.collection.close();
    await this.live.close();
    await this.engine?.close();
    for (const { follower, reads } of this.services.values()) await Promise.all([follower?.close(), reads.close()]);
    await Promise.all([
      this.log.close(),
      this.feed.close(),
      ...this.connections.map((connection) => connection.close()),
    ]);
  }

  /** There is no way back, and the address may be wrong. Throws StartupError. */
  private async requireKafkaBeforeMove(): Promise<void> {
    const { kafka, log } = this.options;
    if (kafka === null || (await readHome(this.connections[1]!)).kind === 'kafka') return;
    await reachKafka(kafka.kafka, log);
  }

  private async reidentify(append = this.connections[0]!): Promise<void> {
    this.recognize(await append.exclusively((query) => identifyStore({ query })));
  }

  /**
   * Where it is not the store, or not the life of it, that was there before, nothing that is in memory holds; nor where
   * Kafka gave back to it what it had lost.
   */
  private recognize(identity: StoreIdentity): void {
    const before = this.identity;
    this.identity = identity;
    const isFirst = before.epochs.length === 0;
    const isSame = before.id === identity.id && before.epochs.length === identity.epochs.length;
    if (identity.awaitsKafka && !before.awaitsKafka)
      this.options.log.warn('the store awaits Kafka, and takes no changes');
    if (!identity.awaitsKafka && before.awaitsKafka)
      this.options.log.info('the store and Kafka are equal: changes are taken');
    if (isFirst || (isSame && before.awaitsKafka === identity.awaitsKafka)) return;
    if (!isSame) this.options.log.warn({ epoch: identity.epochs.at(-1) }, 'the store has begun another life');
    this.keys.forget();
    this.log.forget();
    this.feed.forget();
    for (const { shell } of this.services.values()) shell.forget();
    if (!isSame) this.live.restart();
    this.directory.startAgain().catch(() => undefined);
  }

  private cursorOf(workspace: string, place: Place): string {
    return encodeCursor(this.identity, place, workspace);
  }

  private followerOf(projections: readonly Projection[]): Follower {
    const { databaseUrl: url, log, traces } = this.options;
    const onTrouble = (status: ProjectionStatus) => log.warn(status, 'a projection is in trouble');
    return this.engine === null
      ? new ProjectionFollower({ url, projections, log: this.log, opener: this.opener, onTrouble, traces })
      : this.engine.follower(projections, this.log, this.opener, onTrouble);
  }

  private portsFor(service: string, domains: readonly Domain[]): ServicePorts {
    const { databaseUrl: url, log, traces } = this.options;
    const role = `heddle_${service}`;
    const projections = domains.filter((domain) => domain.service === service).flatMap((domain) => domain.projections);
    const openAppend = (what: string) => {
      const session = new Connection({
        url,
        role,
        applicationName: `heddle ${service} ${what}`,
        parameters: WRITER_SETTINGS,
        // Another cluster may stand behind the same address after a failover.
        onConnect: async (client) => {
          this.recognize(await identifyStore({ query: (statement) => client.query(statement) }));
        },
      });
      this.connections.push(session);
      return session;
    };
    const append = openAppend('append');
    const openSession: ServicePorts['openSession'] = (what, { onSession, ...options } = {}) => {
      const applicationName = what === '' ? `heddle ${service}` : `heddle ${service} ${what}`;
      const onConnect = onSession === undefined ? {} : { onConnect: onSession };
      const session = new Connection({ url, role, applicationName, ...options, ...onConnect });
      this.connections.push(session);
      // One that is asked for after the start is ready when something is sent, or comes back by itself.
      session.ready().catch(() => undefined);
      return session;
    };
    const installation = openSession('', { parameters: { statement_timeout: '5s' } });
    const reads = new ReadPool(url, service);
    const store = () => this.identity;
    const follower = projections.some((projection) => !projection.inline) ? this.followerOf(projections) : null;
    const history = new StreamHistory(reads, this.codec, this.keys, installation, store, () => this.log.end());
    const writing: WritePorts = {
      service,
      reads: installation,
      codec: this.codec,
      keys: this.keys,
      inline: projections.filter((projection) => projection.inline),
      store,
      secret: () => this.secret,
      reidentify: (session) => this.reidentify(session),
      appended: (before, events) => this.log.appended(before, events),
      log,
      traces,
      beside: { groups: 0, commands: 0, events: 0, conflicts: 0 },
    };
    return {
      shell: new WriteShell({ ...writing, append, reidentify: () => this.reidentify(append) }),
      writing,
      openAppend,
      openSession,
      reads,
      installation,
      invoker: this.invoker,
      history,
      feed: new Feed({
        log: this.feed,
        storeEnd: () => this.log.end(),
        codec: this.codec,
        open: (events) => history.open(events),
        store,
        cursorOf: (workspace, place) => this.cursorOf(workspace, place),
      }),
      feedLog: this.feed,
      live: this.live,
      ticketDesk: this.ticketDesk,
      isRevoked: (key) => this.directory.isRevoked(key),
      log: this.options.log,
      figures: this.figures,
      follower,
      inbound: this.engine?.inbound ?? null,
      webhooks: { http: false, networks: [], attemptDays: 30, ...this.options.webhooks },
      caughtUp: async (projection, cursor) => {
        if (cursor === undefined || follower === null) return;
        const { position } = decodeCursor(this.identity, cursor, { workspace: null, field: 'wait_for' });
        if (position > (await this.log.end())) throw beyondTheEnd(position);
        if (!(await follower.waitFor(projection, position, CATCH_UP_MS))) {
          throw new Problem('unavailable', `${projection} is more than 5 s behind. Try again.`, { retryAfter: 1 });
        }
      },
    };
  }
}
