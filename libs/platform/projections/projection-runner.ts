import type { LogPartition } from '../event-log/event-log.js';
import type { Traces } from '../observability/traces.js';
import { type Connection, isUnavailable } from '../postgres/connection.js';
import { Cursor, type CursorRow } from './cursor.js';
import type { Fold } from './fold.js';
import { isOvertaken, troubleOf } from './poison.js';
import { GATHERS_MS, type Projection } from './projection.js';
import { ProjectionLane } from './projection-lane.js';
import { WakeUp } from './wake-up.js';

/**
 * starting → following | standby (another member has the lead) | diverged
 * following ⇄ unavailable (Postgres or the log is away) ⇄ failing (an error that is nobody's event)
 * standby → following when the lead is free, or its holder has not moved for `takeOverAfterMs`
 * diverged → following only after a rebuild
 */
export type ProjectionState = 'starting' | 'following' | 'standby' | 'unavailable' | 'failing' | 'diverged' | 'stopped';

export interface ProjectionStatus {
  service: string;
  projection: string;
  state: ProjectionState;
  /** All positions up to this one are in the rows, passed over or set aside. */
  position: number;
  /** Positions between it and the log's end as it was last seen. */
  lagPositions: number;
  /** For how long it has not been at the log's end; s. */
  lagSeconds: number;
  deadLetters: number;
  /** The last error, while it stands. */
  error: string | null;
}

/** What it needs to know of what it follows for. */
export type FollowedName = Pick<Projection, 'service' | 'name' | 'types' | 'gathers' | 'whole'>;

export interface RunnerOptions {
  /** A leader that has not moved for this long, with events before it, is passed over. */
  takeOverAfterMs: number;
  onTrouble: (status: ProjectionStatus) => void;
  /** The most events that are read at once; 5,000 where it is left out. */
  page?: number;
  /** Told of each place that was written, with all up to it. */
  onMoved?: (position: number) => void;
  traces?: Pick<Traces, 'applied'> | null;
}

/** A page while there is little to do, and one while there is much. */
const NEAR = 500;
const FAR = 5000;
/** A page of so many live events means load: the next one is read a little later, and is larger. */
const CROWD = 8;
const CROWD_GATHERS_MS = 15;
/** No read looks at more positions than this, so that none outlasts a statement's patience. */
const SPAN = 100_000;
const STANDBY_LOOK_MS = 10;
const MOST_BACKOFF_MS = 5000;

/**
 * Follows a partition of the log for one projection, by reading it. The connection is its own: its session holds the
 * lead.
 */
export class ProjectionRunner {
  private readonly lane: ProjectionLane;
  private readonly bell = new WakeUp();
  private readonly waiters = new Set<{ position: number; done: (passed: boolean) => void }>();
  private state: ProjectionState = 'starting';
  private error: string | null = null;
  private end = 0;
  private atEndSince = Date.now();
  private movedAt = Date.now();
  private seeked = false;
  private leads = false;
  private far = true;
  private crowded = false;
  private due = false;
  private closed = false;
  private running: Promise<void> = Promise.resolve();
  private lookComes = false;
  private endPause: () => void = () => undefined;

  constructor(
    private readonly projection: FollowedName,
    private readonly connection: Connection,
    private readonly partition: LogPartition,
    private readonly fold: Fold,
    private readonly options: RunnerOptions,
  ) {
    this.lane = new ProjectionLane(projection, partition.name, connection, fold, {
      moved: (position, committed) => this.moved(position, committed),
      setAside: (position, cause) =>
        this.options.onTrouble({ ...this.status(), error: `The event at ${position} was set aside: ${cause}` }),
      traces: this.options.traces ?? null,
    });
  }

  start(): void {
    this.running = this.run();
  }

  /** Something was appended. */
  wake(): void {
    this.bell.ring();
  }

  /** Once a second, with the log's end: looks at the row, and does what a missed wake-up left undone. */
  tick(end: number): void {
    this.end = end;
    this.due = true;
    this.bell.ring();
  }

  /** The session is a new one, and holds nothing. */
  sessionBegan(): void {
    this.leads = false;
    this.seeked = false;
  }

  /** Resolves true once all positions up to this one have been dealt with, false when that took too long. */
  waitFor(position: number, timeoutMs: number): Promise<boolean> {
    if (this.lane.position >= position && this.seeked && this.state !== 'diverged') return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter = {
        position,
        done: (passed: boolean) => {
          clearTimeout(timer);
          this.waiters.delete(waiter);
          resolve(passed);
        },
      };
      const timer = setTimeout(() => waiter.done(false), timeoutMs);
      this.waiters.add(waiter);
      if (this.state === 'following') this.endPause();
      if (this.state === 'standby') this.lookSoon();
    });
  }

  status(): ProjectionStatus {
    const { position, deadLetters } = this.lane;
    const lagPositions = Math.max(0, this.end - position);
    const { service, name } = this.projection;
    return {
      service,
      projection: name,
      state: this.state,
      position,
      lagPositions,
      lagSeconds: lagPositions === 0 && this.error === null ? 0 : (Date.now() - this.atEndSince) / 1000,
      deadLetters,
      error: this.error,
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.endPause();
    this.bell.ring();
    for (const waiter of this.waiters) waiter.done(false);
    await this.connection.close();
    await this.running;
    this.state = 'stopped';
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.closed) {
      try {
        if (!this.seeked) await this.seek();
        if (this.due) await this.look();
        const more = this.state === 'following' && (await this.step());
        failures = 0;
        if (!more) await this.bell.wait();
        await this.gather();
      } catch (error) {
        if (this.closed) return;
        this.seeked = false;
        if (isOvertaken(error)) this.movedAt = Date.now();
        else await this.standBack(error, failures++);
      }
    }
  }

  /** Lets more events come together: under load a transaction for each group of the writers would cost them theirs. */
  private async gather(): Promise<void> {
    const isPatient = this.projection.gathers === true && !this.far && this.waiters.size === 0;
    const forMs = isPatient ? GATHERS_MS : CROWD_GATHERS_MS;
    if (this.closed || !(isPatient || this.crowded)) return;
    await new Promise<void>((resolve) => {
      const pause = setTimeout(resolve, forMs);
      this.endPause = () => {
        clearTimeout(pause);
        resolve();
      };
    });
    this.bell.silence();
  }

  /** Takes the place from the row, which is the truth after a start, an error or another member's move. */
  private async seek(): Promise<void> {
    await this.connection.query(Cursor.ensureAll(this.projection, [this.partition.name]));
    await this.tryLead();
    const row = await this.lane.readRow();
    this.far = true;
    this.seeked = true;
    this.lane.takePlaceOf(row);
    await this.fold.began?.();
    await this.settleState(row);
    this.release();
  }

  private async look(): Promise<void> {
    this.due = false;
    if (this.state === 'following') await this.lane.flush();
    const row = await this.lane.readRow();
    if (!this.lane.isAt(row)) {
      this.movedAt = Date.now();
      if (row.generation !== this.lane.generation || this.state !== 'standby') return this.seek();
      this.lane.takePlaceOf(row);
      this.release();
    }
    const wasStandby = this.state === 'standby';
    if (wasStandby) await this.tryLead();
    await this.settleState(row);
    // What the fold remembers is of before the one that led.
    if (wasStandby && this.state === 'following') return this.seek();
    if (this.state === 'standby' && this.waiters.size > 0) this.lookSoon();
  }

  private async settleState(row: CursorRow): Promise<void> {
    if (row.diverged || (await this.isBeyondTheEnd(row.next - 1))) return this.diverge();
    const idle = this.lane.position >= this.end;
    const stalled = !idle && Date.now() - this.movedAt >= this.options.takeOverAfterMs;
    if (this.leads || stalled) this.enter('following', null);
    else if (this.state !== 'following') this.enter('standby', null);
    if (idle) this.atEndSince = this.movedAt = Date.now();
  }

  /** The end is read after the cursor, so a cursor that moved meanwhile is not beyond it. */
  private async isBeyondTheEnd(position: number): Promise<boolean> {
    if (position <= this.end) return false;
    this.end = await this.partition.end();
    return position > this.end;
  }

  private async diverge(): Promise<void> {
    if (this.state === 'diverged') return;
    await this.lane.diverge();
    const { name } = this.projection;
    this.enter('diverged', `${name} stands at ${this.lane.position}, where this log has or had no event. Rebuild it.`);
  }

  private async tryLead(): Promise<void> {
    if (this.leads) return;
    const { rows } = await this.connection.query<{ held: boolean }>(this.lane.cursor.tryLead());
    this.leads = rows[0]!.held;
    if (!this.leads && this.state === 'following') this.enter('standby', null);
  }

  /** One page; true when there is more to read at once. */
  private async step(): Promise<boolean> {
    const limit = Math.min(this.far ? FAR : NEAR, this.options.page ?? FAR);
    const after = this.lane.position;
    const upTo = after + SPAN;
    const { whole, types } = this.projection;
    const page = await this.partition.read(after, { limit, upTo, ...(whole === true ? {} : { types }) });
    if (this.closed) return false;
    await this.lane.apply(page);
    this.far = page.events.length === limit || page.scannedTo === upTo;
    this.crowded = !this.far && page.events.length >= CROWD;
    if (!this.far && this.lane.position >= this.end) this.atEndSince = Date.now();
    return this.far;
  }

  private moved(position: number, committed: boolean): void {
    if (committed) {
      this.movedAt = Date.now();
      this.options.onMoved?.(position);
    }
    this.end = Math.max(this.end, position);
    this.release();
  }

  private release(): void {
    if (this.state === 'diverged') return;
    for (const waiter of this.waiters) if (waiter.position <= this.lane.position) waiter.done(true);
  }

  private lookSoon(): void {
    if (this.lookComes) return;
    this.lookComes = true;
    setTimeout(() => {
      this.lookComes = false;
      this.due = true;
      this.bell.ring();
    }, STANDBY_LOOK_MS).unref();
  }

  private async standBack(error: unknown, failures: number): Promise<void> {
    const away = isUnavailable(error);
    this.enter(away ? 'unavailable' : 'failing', troubleOf(error));
    const wait = Math.min(away ? 1000 : MOST_BACKOFF_MS, 100 * 2 ** Math.min(failures, 10));
    await new Promise<void>((resolve) => {
      const pause = setTimeout(resolve, wait);
      this.endPause = () => {
        clearTimeout(pause);
        resolve();
      };
      if (this.closed) this.endPause();
    });
  }

  private enter(state: ProjectionState, error: string | null): void {
    const worse = error !== null && (state !== this.state || error !== this.error);
    this.state = state;
    this.error = error;
    if (worse) this.options.onTrouble(this.status());
  }
}
