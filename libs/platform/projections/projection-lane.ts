import type { SealedEvent } from '../event-codec/sealed-event.js';
import type { LogPage, StoredEvent } from '../event-log/event-log.js';
import { now, type Traces } from '../observability/traces.js';
import type { Connection, SqlStatement } from '../postgres/connection.js';
import { ATTEMPTS, Batch, type BatchTarget } from './batch.js';
import { Cursor, type CursorRow } from './cursor.js';
import { DeadLetters } from './dead-letters.js';
import type { Fold } from './fold.js';
import type { Lane } from './lane.js';
import { liveTables, type ProjectionName } from './projection.js';

/** What a lane tells of itself. */
export interface LaneListener {
  /** All up to this position is dealt with; `committed` where the row says so too. */
  moved(position: number, committed: boolean): void;
  setAside(position: number, cause: string): void;
  /** What is written in the place of an event that is set aside, in the same transaction. */
  insteadOf?(event: StoredEvent): SqlStatement[];
  /** Told of what was applied; null: none are made. */
  traces?: Pick<Traces, 'applied'> | null;
}

/** Positions passed over unread that are worth a write of the cursor by themselves. */
const UNWRITTEN = 1000;
/** So many events in a row are not poison: the program is at fault, and the log is not emptied into dead letters. */
const MOST_IN_A_ROW = 100;

/** The lane of a projection whose rows and cursors are in its service's schema. */
export class ProjectionLane implements Lane {
  readonly cursor: Cursor;
  private readonly letters: DeadLetters;
  private readonly target: BatchTarget;
  /** What the row says, as far as this member knows. */
  private next = 1;
  /** Looked at up to here; past `next - 1` where nothing was wanted and the row was not written for it. */
  private scanned = 0;
  private rebuilds = 0;
  private carried = 0;
  private dead = 0;
  private inARow = 0;
  /** Of the page that is being applied. */
  private readonly aside = new Set<StoredEvent>();

  constructor(
    private readonly projection: ProjectionName,
    readonly partition: string,
    private readonly connection: Connection,
    private readonly fold: Fold,
    private readonly listener: LaneListener,
  ) {
    this.cursor = new Cursor(projection, partition);
    this.letters = new DeadLetters(projection);
    this.target = {
      table: liveTables(projection),
      commit: (statements, reached) => this.commit(statements, reached),
      setAside: (stored, event, cause, reached) => this.setAside(stored, event, cause, reached),
    };
  }

  get position(): number {
    return this.scanned;
  }

  /** How often the rows were rebuilt: a change means that they are others than before. */
  get generation(): number {
    return this.rebuilds;
  }

  get deadLetters(): number {
    return this.dead;
  }

  async seek(): Promise<number | null> {
    const row = await this.readRow();
    this.takePlaceOf(row);
    return row.diverged ? null : this.scanned;
  }

  /** The row as it is now; the lane stays where it is. */
  async readRow(): Promise<CursorRow> {
    const { rows } = await this.connection.query(this.cursor.read());
    const row = rows[0] as CursorRow | undefined;
    const { service, name } = this.projection;
    if (row === undefined) {
      throw new Error(`${service}.projections has no row ${name} on ${this.partition}: the log is kept elsewhere now.`);
    }
    this.dead = row.dead_letters;
    return row;
  }

  takePlaceOf(row: CursorRow): void {
    this.rebuilds = row.generation;
    this.carried = row.carried;
    this.next = row.next;
    this.scanned = row.next - 1;
  }

  /** Whether the row says what this member believes. */
  isAt(row: CursorRow): boolean {
    return row.generation === this.rebuilds && row.next === this.next;
  }

  async apply(page: LogPage): Promise<void> {
    const { scannedTo } = page;
    const events = this.carried === 0 ? page.events : page.events.filter((event) => !this.isCarried(event));
    if (events.length === 0) this.pass(scannedTo);
    else await this.applyAll(events, scannedTo);
    if (this.scanned - this.next >= UNWRITTEN) await this.flush();
  }

  /** Writes a place that is past the row's. */
  async flush(): Promise<void> {
    if (this.scanned >= this.next) await this.commit([], this.scanned);
  }

  async diverge(): Promise<void> {
    await this.connection.query(this.cursor.markDiverged());
  }

  private async applyAll(events: readonly StoredEvent[], scannedTo: number): Promise<void> {
    const { traces = null } = this.listener;
    const began = traces === null ? 0 : now();
    this.aside.clear();
    await new Batch(this.fold, events, scannedTo).applyTo(this.target);
    if (traces === null) return;
    const decoded = events.flatMap((event) => {
      const known = this.fold.decoded(event);
      return known === null ? [] : [{ meta: known.meta, setAside: this.aside.has(event) }];
    });
    traces.applied({ projection: this.projection.name, partition: this.partition, began, events: decoded });
  }

  private async commit(statements: readonly SqlStatement[], reached: number): Promise<void> {
    await this.connection.transaction([this.cursor.advance(this.next, reached + 1), ...statements]);
    if (statements.length > 0) this.inARow = 0;
    this.moved(reached);
  }

  private async setAside(
    stored: StoredEvent,
    event: SealedEvent | null,
    cause: string,
    reached: number,
  ): Promise<void> {
    const { name } = this.projection;
    const { position } = stored;
    if (++this.inARow > MOST_IN_A_ROW) {
      throw new Error(`${name} failed on ${MOST_IN_A_ROW} events in a row, last at ${position}: ${cause}`);
    }
    await this.connection.transaction([
      this.cursor.advance(this.next, reached + 1),
      this.letters.add({
        partition: this.partition,
        position,
        eventId: event?.meta.id ?? null,
        type: event?.type ?? null,
        cause,
        attempts: ATTEMPTS,
      }),
      ...(this.listener.insteadOf?.(stored) ?? []),
    ]);
    this.dead++;
    this.aside.add(stored);
    this.moved(reached);
    this.listener.setAside(position, cause);
  }

  /** An event without a place in the store is nobody's, and becomes a dead letter. */
  private isCarried({ storePosition }: StoredEvent): boolean {
    return storePosition > 0 && storePosition <= this.carried;
  }

  private moved(reached: number): void {
    this.next = reached + 1;
    this.scanned = reached;
    this.listener.moved(reached, true);
  }

  private pass(reached: number): void {
    this.scanned = reached;
    this.listener.moved(reached, false);
  }
}
