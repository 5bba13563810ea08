import type { SealedEvent } from '../event-codec/sealed-event.js';
import type { EventLog } from '../event-log/event-log.js';
import { type Connection, isUnavailable, type SqlStatement } from '../postgres/connection.js';
import { ATTEMPTS, Batch, type BatchTarget } from './batch.js';
import { Cursor, type CursorRow } from './cursor.js';
import { DeadLetters } from './dead-letters.js';
import type { EventOpener } from './event-opener.js';
import { isOvertaken } from './poison.js';
import { liveTables, type Projection } from './projection.js';
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

export interface RunnerOptions {
  /** A leader that has not moved for this long, with events before it, is passed over. */
  takeOverAfterMs: number;
  onTrouble: (status: ProjectionStatus) => void;
}

/** A page while there is little to do, and one while there is much. */
const NEAR = 500;
const FAR = 5000;
/** A page of so many live events means load: the next one is read a little later, and is larger. */
const CROWD = 8;
const GATHER_MS = 15;
/** No read looks at more positions than this, so that none outlasts a statement's patience. */
const SPAN = 100_000;
/** Positions passed over unread that are worth a write of the cursor by themselves. */
const UNWRITTEN = 1000;
/** So many events in a row are not poison: the program is at fault, and the log is not emptied into dead letters. */
const MOST_IN_A_ROW = 100;
const STANDBY_LOOK_MS = 10;
const MOST_BACKOFF_MS = 5000;

/** Follows the log for one projection. The connection is its own: its session holds the lead. */
export class ProjectionRunner {
  private readonly cursor: Cursor;
  private readonly letters: DeadLetters;
  private readonly bell = new WakeUp();
  private readonly waiters = new Set<{ position: number; done: (passed: boolean) => void }>();
  private readonly target: BatchTarget;
  private state: ProjectionState = 'starting';
  private error: string | null = null;
  /** What the row says, as far as this member knows. */
  private next = 1;
  /** Looked at up to here; past `next - 1` where nothing was wanted and the row was not written for it. */
  private scanned = 0;
  private end = 0;
  private generation = 0;
  private deadLetters = 0;
  private inARow = 0;
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
    private readonly projection: Projection,
    private readonly connection: Connection,
    private readonly log: EventLog,
    private readonly opener: EventOpener,
    private readonly options: RunnerOptions,
  ) {
    this.cursor = new Cursor(projection);
    this.letters = new DeadLetters(projection);
    this.target = {
      table: liveTables(projection),
      commit: (statements, reached) => this.commit(statements, reached),
      setAside: (position, event, cause, reached) => this.setAside(position, event, cause, reached),
    };
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
    if (this.scanned >= position && this.seeked && this.state !== 'diverged') return Promise.resolve(true);
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
      if (this.state === 'standby') this.lookSoon();
    });
  }

  status(): ProjectionStatus {
    const lagPositions = Math.max(0, this.end - this.scanned);
    const { service, name } = this.projection;
    return {
      service,
      projection: name,
      state: this.state,
      position: this.scanned,
      lagPositions,
      lagSeconds: lagPositions === 0 && this.error === null ? 0 : (Date.now() - this.atEndSince) / 1000,
      deadLetters: this.deadLetters,
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
        if (this.crowded) await this.gather();
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
    await new Promise<void>((resolve) => {
      const pause = setTimeout(resolve, GATHER_MS);
      this.endPause = () => {
        clearTimeout(pause);
        resolve();
      };
    });
    this.bell.silence();
  }

  /** Takes the place from the row, which is the truth after a start, an error or another member's move. */
  private async seek(): Promise<void> {
    await this.connection.query(this.cursor.ensure());
    await this.tryLead();
    const row = await this.readRow();
    this.generation = row.generation;
    this.next = row.next;
    this.scanned = row.next - 1;
    this.far = true;
    this.seeked = true;
    await this.settleState(row);
    this.release();
  }

  private async look(): Promise<void> {
    this.due = false;
    if (this.state === 'following' && this.scanned >= this.next) await this.commit([], this.scanned);
    const row = await this.readRow();
    if (row.generation !== this.generation || (row.next !== this.next && this.state !== 'standby')) {
      this.movedAt = Date.now();
      return this.seek();
    }
    if (row.next !== this.next) {
      this.movedAt = Date.now();
      this.next = row.next;
      this.scanned = row.next - 1;
      this.release();
    }
    if (this.state === 'standby') await this.tryLead();
    await this.settleState(row);
    if (this.state === 'standby' && this.waiters.size > 0) this.lookSoon();
  }

  private async readRow(): Promise<CursorRow> {
    const { rows } = await this.connection.query(this.cursor.read());
    const row = rows[0] as CursorRow | undefined;
    if (row === undefined)
      throw new Error(`${this.projection.service}.projections lost its row ${this.projection.name}.`);
    this.deadLetters = row.dead_letters;
    return row;
  }

  private async settleState(row: CursorRow): Promise<void> {
    if (row.diverged || (await this.isBeyondTheEnd(row.next - 1))) return this.diverge();
    const idle = this.scanned >= this.end;
    const stalled = !idle && Date.now() - this.movedAt >= this.options.takeOverAfterMs;
    if (this.leads || stalled) this.enter('following', null);
    else if (this.state !== 'following') this.enter('standby', null);
    if (idle) this.atEndSince = this.movedAt = Date.now();
  }

  /** The end is read after the cursor, so a cursor that moved meanwhile is not beyond it. */
  private async isBeyondTheEnd(position: number): Promise<boolean> {
    if (position <= this.end) return false;
    this.end = await this.log.end();
    return position > this.end;
  }

  private async diverge(): Promise<void> {
    if (this.state === 'diverged') return;
    await this.connection.query(this.cursor.markDiverged());
    const { name } = this.projection;
    this.enter('diverged', `${name} stands at ${this.next - 1}, where this log has or had no event. Rebuild it.`);
  }

  private async tryLead(): Promise<void> {
    if (this.leads) return;
    const { rows } = await this.connection.query<{ held: boolean }>(this.cursor.tryLead());
    this.leads = rows[0]!.held;
    if (!this.leads && this.state === 'following') this.enter('standby', null);
  }

  /** One page; true when there is more to read at once. */
  private async step(): Promise<boolean> {
    const limit = this.far ? FAR : NEAR;
    const upTo = this.scanned + SPAN;
    const page = await this.log.read(this.scanned, { limit, types: this.projection.types, upTo });
    if (this.closed) return false;
    if (page.events.length === 0) this.pass(page.scannedTo);
    else {
      const { projection, opener, connection } = this;
      await new Batch(projection, opener, connection, page.events, page.scannedTo).applyTo(this.target);
    }
    if (this.scanned - this.next >= UNWRITTEN) await this.commit([], this.scanned);
    this.far = page.events.length === limit || page.scannedTo === upTo;
    this.crowded = !this.far && page.events.length >= CROWD;
    if (!this.far && this.scanned >= this.end) this.atEndSince = Date.now();
    return this.far;
  }

  private async commit(statements: readonly SqlStatement[], reached: number): Promise<void> {
    await this.connection.transaction([this.cursor.advance(this.next, reached + 1), ...statements]);
    if (statements.length > 0) this.inARow = 0;
    this.moved(reached);
  }

  private async setAside(position: number, event: SealedEvent | null, cause: string, reached: number): Promise<void> {
    if (++this.inARow > MOST_IN_A_ROW) {
      throw new Error(
        `${this.projection.name} failed on ${MOST_IN_A_ROW} events in a row, last at ${position}: ${cause}`,
      );
    }
    await this.connection.transaction([
      this.cursor.advance(this.next, reached + 1),
      this.letters.add({
        position,
        eventId: event?.meta.id ?? null,
        type: event?.type ?? null,
        cause,
        attempts: ATTEMPTS,
      }),
    ]);
    this.deadLetters++;
    this.moved(reached);
    this.options.onTrouble({ ...this.status(), error: `The event at ${position} was set aside: ${cause}` });
  }

  private moved(reached: number): void {
    this.next = reached + 1;
    this.movedAt = Date.now();
    this.pass(reached);
  }

  private pass(reached: number): void {
    this.scanned = reached;
    this.end = Math.max(this.end, reached);
    this.release();
  }

  private release(): void {
    if (this.state === 'diverged') return;
    for (const waiter of this.waiters) if (waiter.position <= this.scanned) waiter.done(true);
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
    this.enter(away ? 'unavailable' : 'failing', error instanceof Error ? error.message : String(error));
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
