import { setTimeout as sleep } from 'node:timers/promises';
import type { EventLog } from '../event-log/event-log.js';
import { everyLog } from '../event-log/every-log.js';
import type { Topics } from '../kafka/topics.js';
import type { Traces } from '../observability/traces.js';
import { type Connection, isUnavailable } from '../postgres/connection.js';
import { Cursor, type CursorRow } from '../projections/cursor.js';
import type { EventOpener } from '../projections/event-opener.js';
import { ProjectionFold } from '../projections/fold.js';
import type { Follower } from '../projections/follower.js';
import type { Places } from '../projections/places.js';
import type { Projection } from '../projections/projection.js';
import { projectionConnection } from '../projections/projection-connection.js';
import { ProjectionLane } from '../projections/projection-lane.js';
import type { ProjectionStatus } from '../projections/projection-runner.js';
import { type RedriveOutcome, redrive } from '../projections/redrive.js';
import { SerialLane } from '../projections/serial-lane.js';
import { storedProgress } from '../projections/stored-progress.js';
import { FollowedStatus } from './followed-status.js';
import type { KafkaBatchServer } from './kafka-batch-server.js';
import { endsOnceRelayed } from './relayed.js';

export interface KafkaFollowerOptions {
  /** The database of the projections' service. */
  url: string;
  /** All of one service; inline ones are not followed. */
  projections: readonly Projection[];
  log: EventLog;
  /** Where else a dead letter may lie: the store's own event table, from before the log moved to Kafka. */
  store: EventLog;
  /** Not yet started. */
  server: KafkaBatchServer;
  opener: EventOpener;
  topics: Topics;
  onTrouble: (status: ProjectionStatus) => void;
  /** Null: none are made. */
  traces?: Pick<Traces, 'applied'> | null;
}

interface Member {
  projection: Projection;
  connection: Connection;
  lanes: Map<string, SerialLane>;
  status: FollowedStatus;
  /** As the rows last said. */
  deadLetters: number;
}

const FLUSH_EVERY_MS = 1000;
const LOOK_EVERY_MS = 10;

/** Keeps the followed projections of one service from the partitions that its consumer groups assign to this process. */
export class KafkaFollower implements Follower {
  private readonly members = new Map<string, Member>();
  private clock: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly options: KafkaFollowerOptions) {
    for (const projection of options.projections) {
      if (projection.inline) continue;
      const member: Member = {
        projection,
        connection: projectionConnection(options.url, projection, 'projection'),
        lanes: new Map(),
        status: new FollowedStatus(projection),
        deadLetters: 0,
      };
      this.members.set(projection.name, member);
      options.server.subscribe({
        name: projection.name,
        group: `${options.topics.prefix}.${projection.service}.${projection.name}`,
        types: projection.types,
        whole: projection.whole,
        gathers: projection.gathers,
        topics: options.topics.ofTypes(projection.types),
        stored: async () => {
          const stored = await storedProgress(member.connection, projection);
          member.deadLetters = stored.deadLetters;
          return stored;
        },
        lane: (partition) => this.laneOf(member, partition),
      });
    }
  }

  start(): void {
    this.clock = setInterval(() => {
      // A lane that was overtaken, or has lost its database, finds out with its next page.
      for (const { lanes } of this.members.values()) {
        for (const lane of lanes.values()) void lane.flush().catch(() => undefined);
      }
    }, FLUSH_EVERY_MS);
    this.clock.unref();
  }

  status(): ProjectionStatus[] {
    const progress = this.options.server.progress();
    return [...this.members.values()].map(({ projection, status, deadLetters }) =>
      status.of(
        progress.filter(({ subscription }) => subscription === projection.name),
        deadLetters,
      ),
    );
  }

  async waitFor(name: string, position: number, timeoutMs: number): Promise<boolean> {
    const member = this.memberOf(name);
    const { connection, projection } = member;
    const partitions = (await this.options.log.partitionsOf(projection.types)).map((partition) => partition.name);
    let ends: Places | null = null;
    for (const giveUp = Date.now() + timeoutMs; Date.now() < giveUp && !this.closed; await sleep(LOOK_EVERY_MS)) {
      try {
        ends ??= await endsOnceRelayed(connection, position, partitions);
        if (ends !== null && (await this.isAt(member, ends))) return true;
      } catch (error) {
        // Whoever waits is told no when the time is over, and not that the database was away meanwhile.
        if (!isUnavailable(error)) throw error;
      }
    }
    return false;
  }

  async redrive(name: string, position?: number): Promise<RedriveOutcome> {
    const { projection } = this.memberOf(name);
    const { url, log, store, opener } = this.options;
    const connection = projectionConnection(url, projection, 'redrive');
    try {
      const fold = new ProjectionFold(projection, opener, connection);
      return await redrive(connection, everyLog(log, store), { projection, fold }, { position });
    } finally {
      await connection.close();
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.clock);
    await Promise.all([...this.members.values()].map(({ connection }) => connection.close()));
  }

  /**
   * By what this process follows, and for all else by what the rows say: a lane that has diverged or waits knows a place,
   * but not that its events were applied.
   */
  private async isAt({ connection, projection }: Member, ends: Places): Promise<boolean> {
    const here = new Map(
      this.options.server
        .progress()
        .filter(({ subscription, state }) => subscription === projection.name && state === 'following')
        .map(({ partition, position }) => [partition, position ?? 0]),
    );
    const missing = [...ends].filter(([partition, end]) => (here.get(partition) ?? 0) < end);
    if (missing.length === 0) return true;
    const { rows } = await connection.query<CursorRow>(Cursor.readAll(projection));
    const places = new Map(rows.map((row) => [row.partition, row.diverged ? -1 : row.next - 1]));
    return missing.every(([partition, end]) => (places.get(partition) ?? 0) >= end);
  }

  private laneOf(member: Member, partition: string): SerialLane {
    const { projection, connection } = member;
    const fold = new ProjectionFold(projection, this.options.opener, connection);
    const lane = new ProjectionLane(projection, partition, connection, fold, {
      moved: () => undefined,
      setAside: (position, cause) => {
        const status = this.status().find((one) => one.projection === projection.name)!;
        this.options.onTrouble({ ...status, error: `${partition}, ${position} was set aside: ${cause}` });
      },
      traces: this.options.traces ?? null,
    });
    const whole = new SerialLane(lane, () => this.ensureCursors(member));
    member.lanes.set(partition, whole);
    return whole;
  }

  private async ensureCursors({ projection, connection }: Member): Promise<void> {
    const partitions = await this.options.log.partitionsOf(projection.types);
    const names = partitions.map(({ name }) => name);
    await connection.query(Cursor.ensureAll(projection, names));
  }

  private memberOf(projection: string): Member {
    const member = this.members.get(projection);
    if (member === undefined) throw new Error(`No followed projection is called ${projection} here.`);
    return member;
  }
}
