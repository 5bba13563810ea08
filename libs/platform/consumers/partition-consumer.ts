import type { LogPage } from '../event-log/event-log.js';
import type { SchemaIds } from '../event-log/kafka/schema-ids.js';
import { isOfType, type LogRecord, storedEventsOf } from '../event-log/kafka/stored-events.js';
import type { OffsetRange } from '../kafka/partition-requests.js';
import { isUnavailable } from '../postgres/connection.js';
import type { Lane } from '../projections/lane.js';
import { isOvertaken, troubleOf } from '../projections/poison.js';
import { RegistryUnavailable } from '../registry/registry-client.js';
import type { PartitionState, PartitionStatus } from './partition-status.js';

/** What a fetch brought of one partition; offsets, not positions. */
export interface RecordBatch {
  fetchedOffset: number;
  /** Without control records. */
  records: readonly LogRecord[];
  /** Control records included. */
  lastOffset: number;
  /** The client reads on after this batch. */
  resolve(): void;
  /** Whether a seek waits, from before the batch was applied. */
  isStale(): boolean;
}

/** What one partition asks of the client that consumes it. */
export interface PartitionControl {
  seek(offset: number): void;
  pause(): void;
  resume(): void;
  /** The partition's offsets as they are now; `again`: as the leader says that the brokers name now. */
  range(again: boolean): Promise<OffsetRange>;
}

export interface PartitionConsumerOptions {
  subscription: string;
  partition: string;
  /** Null for all, known or not. */
  types: ReadonlySet<string> | null;
  lane: Lane;
  /** Takes a page to the lane. */
  apply: (page: LogPage, lane: Lane) => Promise<unknown>;
  control: PartitionControl;
  ids: SchemaIds;
  /** Whose events are applied, 32 hex digits. */
  store: string;
  /** Told when it gets into trouble, once for each. */
  onTrouble: (status: PartitionStatus) => void;
  /** For so long a cursor must be beyond the end before it is believed, ms. */
  sureAfterMs?: number;
}

const FIRST_BACKOFF_MS = 100;
/** While the database or the registry is away. */
const MOST_AWAY_MS = 1000;
/** After other errors, and between two looks whether a rebuild has put the cursor right. */
const MOST_BACKOFF_MS = 5000;
/** A former leader that is cut off goes on with its old end, until it hears of the new one. */
const SURE_AFTER_MS = 30_000;
/** So many times in a row a batch may begin elsewhere than it was asked to, or another member be first. */
const MOST_IN_VAIN = 3;

/**
 * One subscription on one partition. What the cursor in the database says goes before what the broker says: a batch
 * that does not begin where the last one ended, or where the cursor stands, is never applied.
 */
export class PartitionConsumer {
  private state: PartitionState = 'unassigned';
  private error: string | null = null;
  /** The position that the next batch must begin after, which is the offset it must begin at; null: ask the cursor. */
  private reached: number | null = null;
  private end = 0;
  private range: OffsetRange | null = null;
  private failures = 0;
  private inVain = 0;
  private beyondSince: number | null = null;
  private pausing: NodeJS.Timeout | null = null;
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly options: PartitionConsumerOptions) {}

  get isAssigned(): boolean {
    return this.state !== 'unassigned';
  }

  /** All up to this position is dealt with; null where it is not known, or not this member's. */
  get position(): number | null {
    return this.reached;
  }

  assign(): void {
    this.endPause();
    this.reached = null;
    this.range = null;
    this.inVain = 0;
    this.beyondSince = null;
    this.state = 'seeking';
    void this.inTurn(() => this.settle());
  }

  revoke(): void {
    this.endPause();
    this.reached = null;
    this.error = null;
    this.state = 'unassigned';
  }

  /** The partition's end, as it was a moment ago. */
  sawEnd(end: number): void {
    this.end = end;
    if (this.reached === null || this.reached <= end) return;
    this.range = null;
    this.reached = null;
    void this.inTurn(() => this.settle());
  }

  /** The client has passed these offsets by itself: they hold control records only. */
  passed(first: number, last: number): void {
    void this.inTurn(async () => {
      if (this.reached !== first) return;
      const { lane } = this.options;
      await lane.apply({ events: [], scannedTo: last + 1 });
      if (this.isAssigned) this.reached = last + 1;
    }).catch((error) => this.standBack(error));
  }

  /** Applies a batch, or leaves it where it cannot be applied. Never throws. */
  take(batch: RecordBatch): Promise<void> {
    return this.inTurn(() => this.applyBatch(batch));
  }

  status(): PartitionStatus {
    const { subscription, partition, lane } = this.options;
    const { state, reached, end, error } = this;
    const position = reached ?? (this.isAssigned && lane.position > 0 ? lane.position : null);
    const lag = position === null ? 0 : Math.max(0, end - position);
    return { subscription, partition, state, position, end, lag, error };
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work, work);
    return this.turn;
  }

  private async applyBatch(batch: RecordBatch): Promise<void> {
    // What was fetched before a pause comes again after it.
    if (!this.isAssigned || this.pausing !== null) return;
    const { control, lane, apply, types, ids, store } = this.options;
    try {
      if (this.reached === null && !(await this.seek())) return;
      if (batch.fetchedOffset !== this.reached) return this.seekAgain();
      const wanted = batch.records.filter((record) => isOfType(record, types));
      const scannedTo = batch.lastOffset + 1;
      await apply({ events: await storedEventsOf(wanted, ids, store), scannedTo }, lane);
      // It may have lost the partition meanwhile: what was committed stands, and whoever has it now seeks.
      if (!this.isAssigned) return;
      this.reached = scannedTo;
      this.end = Math.max(this.end, scannedTo);
      this.failures = 0;
      this.inVain = 0;
      this.enter('following', null);
      batch.resolve();
      if (batch.isStale()) control.seek(scannedTo);
    } catch (error) {
      this.standBack(error);
    }
  }

  /** After an assignment or a pause: the client reads on from the cursor. */
  private async settle(): Promise<void> {
    if (!this.isAssigned) return;
    try {
      if (this.reached === null && !(await this.seek())) return;
      this.options.control.seek(this.reached!);
      this.options.control.resume();
      this.enter('following', null);
    } catch (error) {
      this.standBack(error);
    }
  }

  /** Takes the place from the cursor; false where nothing may be applied. */
  private async seek(): Promise<boolean> {
    const { lane, control, partition, subscription } = this.options;
    const position = await lane.seek();
    if (position === null) {
      this.stop(`${subscription} has diverged on ${partition}. Rebuild it: heddle projection rebuild ${subscription}`);
      return false;
    }
    // Asked for after the cursor, so a cursor that another member moves meanwhile is not beyond it.
    if (this.range === null || position > this.range.end) this.range = await control.range(this.beyondSince !== null);
    const { start, end } = this.range;
    this.end = Math.max(this.end, end);
    if (position < start) throw new RecordsAreGone(subscription, partition, position, start);
    if (position > end) return await this.lookBeyond(position, end);
    this.beyondSince = null;
    this.reached = position;
    return true;
  }

  /** A leader that has just begun may not know its end yet: only a look some time later tells. */
  private async lookBeyond(position: number, end: number): Promise<false> {
    const { lane, partition, subscription, sureAfterMs = SURE_AFTER_MS } = this.options;
    this.range = null;
    this.end = end;
    const said = `${subscription} stands at ${position} of ${partition}, which ends at ${end}`;
    this.beyondSince ??= Date.now();
    if (Date.now() - this.beyondSince < sureAfterMs) throw new Error(`${said}. It is looked at again.`);
    await lane.diverge(end);
    this.stop(`${said}: the partition is not the one it was. Rebuild it: heddle projection rebuild ${subscription}`);
    return false;
  }

  private seekAgain(): void {
    if (++this.inVain > MOST_IN_VAIN) {
      throw new Error(`${this.options.partition} is not given from offset ${this.reached} on.`);
    }
    this.options.control.seek(this.reached!);
  }

  private stop(why: string): void {
    this.enter('diverged', why);
    this.pause(MOST_BACKOFF_MS);
  }

  private standBack(error: unknown): void {
    this.reached = null;
    this.range = null;
    // The next batch asks the cursor, at once.
    if (isOvertaken(error) && ++this.inVain <= MOST_IN_VAIN) return;
    const away = isUnavailable(error) || error instanceof RegistryUnavailable;
    this.enter(away ? 'unavailable' : 'failing', troubleOf(error));
    this.pause(Math.min(away ? MOST_AWAY_MS : MOST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.failures++, 10)));
  }

  /** The member stays in its group, and its other partitions go on. */
  private pause(ms: number): void {
    if (!this.isAssigned) return;
    this.endPause();
    this.options.control.pause();
    this.pausing = setTimeout(() => {
      this.pausing = null;
      void this.inTurn(() => this.settle());
    }, ms);
  }

  private endPause(): void {
    if (this.pausing !== null) clearTimeout(this.pausing);
    this.pausing = null;
  }

  private enter(state: PartitionState, error: string | null): void {
    if (!this.isAssigned) return;
    const isNews = error !== null && (state !== this.state || error !== this.error);
    this.state = state;
    this.error = error;
    if (isNews) this.options.onTrouble(this.status());
  }
}

class RecordsAreGone extends Error {
  constructor(subscription: string, partition: string, position: number, start: number) {
    super(
      `${subscription} stands at ${position} of ${partition}, which begins at ${start} now: what stood between is gone. \
Set the topic's retention.ms and retention.bytes to -1, and rebuild ${subscription} from a store that has its history.`,
    );
  }
}
