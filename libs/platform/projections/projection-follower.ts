import type { WholeLog } from '../event-log/event-log.js';
import type { Traces } from '../observability/traces.js';
import type { Connection } from '../postgres/connection.js';
import type { EventOpener } from './event-opener.js';
import { ProjectionFold } from './fold.js';
import type { Follower } from './follower.js';
import type { Projection } from './projection.js';
import { projectionConnection } from './projection-connection.js';
import { ProjectionRunner, type ProjectionStatus } from './projection-runner.js';
import { type RedriveOutcome, redrive } from './redrive.js';

export interface FollowerOptions {
  /** The database of the projections' service. */
  url: string;
  /** All of one service; inline ones are not followed. */
  projections: readonly Projection[];
  log: WholeLog;
  opener: EventOpener;
  /** A member that holds the lead and has not moved for this long, with events before it, is passed over; ms. */
  takeOverAfterMs?: number;
  /** Told when a projection gets into trouble, and of each event that is set aside (`error` says why). */
  onTrouble?: (status: ProjectionStatus) => void;
  /** Null: none are made. */
  traces?: Pick<Traces, 'applied'> | null;
}

const LOOK_EVERY_MS = 1000;

interface Member {
  projection: Projection;
  connection: Connection;
  runner: ProjectionRunner;
}

/**
 * Keeps the followed projections of one service on the embedded log: effect and cursor in one transaction, the cursor by compare-and-set,
 * so that any number of processes may follow the same ones. Needs nobody after a start, whatever goes away and comes
 * back.
 */
export class ProjectionFollower implements Follower {
  private readonly members = new Map<string, Member>();
  private stopListening: (() => void) | null = null;
  private clock: NodeJS.Timeout | undefined;

  constructor(private readonly options: FollowerOptions) {
    for (const projection of options.projections) {
      if (!projection.inline) this.members.set(projection.name, this.memberFor(projection));
    }
  }

  start(): void {
    this.stopListening = this.options.log.onAppend(() => {
      for (const { runner } of this.members.values()) runner.wake();
    });
    this.clock = setInterval(() => void this.tick(), LOOK_EVERY_MS);
    for (const { runner } of this.members.values()) runner.start();
  }

  status(): ProjectionStatus[] {
    return [...this.members.values()].map(({ runner }) => runner.status());
  }

  waitFor(projection: string, position: number, timeoutMs: number): Promise<boolean> {
    return this.member(projection).runner.waitFor(position, timeoutMs);
  }

  async redrive(projection: string, position?: number): Promise<RedriveOutcome> {
    const member = this.member(projection);
    const connection = projectionConnection(this.options.url, member.projection, 'redrive');
    try {
      const { projection: of } = member;
      const fold = new ProjectionFold(of, this.options.opener, connection);
      return await redrive(connection, this.options.log, { projection: of, fold }, { position });
    } finally {
      await connection.close();
    }
  }

  async close(): Promise<void> {
    clearInterval(this.clock);
    this.stopListening?.();
    await Promise.all([...this.members.values()].map(({ runner }) => runner.close()));
  }

  private async tick(): Promise<void> {
    try {
      const end = await this.options.log.end();
      for (const { runner } of this.members.values()) runner.tick(end);
    } catch {
      // Each runner meets the same absence, and says so in its status.
      for (const { runner } of this.members.values()) runner.wake();
    }
  }

  private memberFor(projection: Projection): Member {
    const { url, log, opener, takeOverAfterMs = 5000, onTrouble = () => undefined, traces = null } = this.options;
    const connection = projectionConnection(url, projection, 'projection', () => runner.sessionBegan());
    const fold = new ProjectionFold(projection, opener, connection);
    const runner = new ProjectionRunner(projection, connection, log, fold, { takeOverAfterMs, onTrouble, traces });
    return { projection, connection, runner };
  }

  private member(projection: string): Member {
    const member = this.members.get(projection);
    if (member === undefined) throw new Error(`No followed projection is called ${projection} here.`);
    return member;
  }
}
