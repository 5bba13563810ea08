import { setTimeout as sleep } from 'node:timers/promises';
import type { CloseReason, Encoding, LiveEvent } from './live-event.js';

/** What a transport writes to: a response of node:http is one. */
export interface Sink {
  write(bytes: Buffer): boolean;
  /** Bytes that were written and not taken yet. */
  readonly writableLength: number;
  readonly destroyed: boolean;
  end(): unknown;
  destroy(): unknown;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}

/** So much may wait for a reader, beside what the kernel takes. */
const MOST_WAITING_BYTES = 1024 * 1024;
const MOST_PENDING_EVENTS = 1000;
const SLICE_BYTES = 256 * 1024;
const HISTORY_TAKEN_WITHIN_MS = 30_000;
const LAST_WORDS_TAKEN_WITHIN_MS = 2000;

export interface LiveReaderOptions {
  encoding: Encoding;
  /** The key that it reads with. */
  key: string;
  /** Only events of these types; null for all. Signals are for everybody. */
  types: ReadonlySet<string> | null;
  /** Where it stands at the beginning. */
  cursor: string | null;
  /** Told why it was closed; not of one who went by itself. */
  onClosed?: (reason: CloseReason) => void;
  /** It was live, and has to read from its history what came after the event of this seq; null for none. */
  onBehind?: (seq: number | null) => void;
}

/**
 * One who reads on. First it is given its history, while what happens meanwhile waits; then what happens, as it happens.
 *
 *     (made) ── begins ──► catching up ── history written ──► live ── too much at once ──► catching up
 *     catching up, live ── takes too little, loses its key, … ──► closed
 *
 * What waits is bounded. Where more happens while it catches up than is kept, and where more happens at once than may wait,
 * it reads that from the history, at its own pace. One that does not take what it was given is closed, and told where to
 * go on.
 */
export class LiveReader {
  /** Events up to this position are its history's. Nothing is taken before that is known. */
  after = Number.POSITIVE_INFINITY;
  private pending: LiveEvent[] = [];
  private missedSome = false;
  private isLive = false;
  private isClosed = false;
  private lastSeq: number | null = null;

  constructor(
    private readonly sink: Sink,
    private readonly options: LiveReaderOptions,
  ) {
    sink.once('close', () => {
      this.isClosed = true;
      this.pending = [];
    });
  }

  get closed(): boolean {
    return this.isClosed;
  }

  get key(): string {
    return this.options.key;
  }

  /** Events of its stream, in their order. */
  take(events: readonly LiveEvent[]): void {
    if (this.isClosed) return;
    const mine = events.filter(({ position, type }) => position > this.after && this.wants(type));
    if (mine.length === 0) return;
    if (this.isLive) {
      this.writeLive(mine);
    } else if (this.pending.length + mine.length > MOST_PENDING_EVENTS) {
      this.missedSome = true;
      this.pending = [];
    } else if (!this.missedSome) {
      this.pending.push(...mine);
    }
  }

  /** What is gone in a moment is not kept for one who is behind. */
  signal(encoded: (encoding: Encoding) => Buffer): void {
    if (!this.isLive || this.isClosed || this.sink.writableLength > MOST_WAITING_BYTES / 2) return;
    this.sink.write(encoded(this.options.encoding));
  }

  /** `cursor` stands at `position`, up to which everything has been given to its readers. */
  heartbeat(position: number, cursor: string): void {
    if (!this.isLive || this.isClosed) return;
    const place = position > this.after ? cursor : null;
    if (place !== null) this.options.cursor = place;
    this.sink.write(this.options.encoding.heartbeat(place));
    this.closeWhereSlow();
  }

  /** It is about to read its history, or more of it: what comes meanwhile is kept for it. */
  beginHistory(): void {
    this.missedSome = false;
    this.pending = [];
  }

  /** Resolves once it took what was written, so that a page is read only when the one before is gone. */
  async writeHistory(events: readonly LiveEvent[]): Promise<void> {
    const mine = events.filter(({ type }) => this.wants(type));
    if (this.isClosed || mine.length === 0) return;
    for (const slice of slicesOf(mine)) {
      if (this.isClosed) return;
      if (!this.write(slice) && !(await this.drained())) this.close('slow_reader');
    }
  }

  /** From now on it is given what happens; false where so much happened meanwhile that it was not kept. */
  goLive(): boolean {
    if (this.missedSome) return false;
    this.isLive = true;
    const { pending } = this;
    this.pending = [];
    if (pending.length > 0) this.writeLive(pending);
    return true;
  }

  close(reason: CloseReason): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.pending = [];
    const { encoding, cursor, onClosed } = this.options;
    onClosed?.(reason);
    this.sink.write(encoding.closed(reason, cursor));
    this.sink.end();
    setTimeout(() => this.sink.destroy(), LAST_WORDS_TAKEN_WITHIN_MS).unref();
  }

  private wants(type: string): boolean {
    return this.options.types === null || this.options.types.has(type);
  }

  private write(events: readonly LiveEvent[]): boolean {
    const { encoding } = this.options;
    const last = events.at(-1)!;
    this.options.cursor = last.cursor;
    this.lastSeq = last.seq;
    const frames = events.map((event) => event.as(encoding));
    return this.sink.write(frames.length === 1 ? frames[0]! : Buffer.concat(frames));
  }

  private writeLive(events: readonly LiveEvent[]): void {
    const { encoding, onBehind } = this.options;
    const weight = events.reduce((sum, event) => sum + event.as(encoding).length, 0);
    if (weight > MOST_WAITING_BYTES / 2 && onBehind !== undefined) {
      this.isLive = false;
      this.after = Number.POSITIVE_INFINITY;
      onBehind(this.lastSeq);
      return;
    }
    this.write(events);
    this.after = events.at(-1)!.position;
    this.closeWhereSlow();
  }

  private closeWhereSlow(): void {
    if (this.sink.writableLength > MOST_WAITING_BYTES) this.close('slow_reader');
  }

  /** False where it takes nothing for too long, or is gone. */
  private async drained(): Promise<boolean> {
    const end = new AbortController();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const drain = () => resolve(true);
    const gone = () => resolve(false);
    this.sink.once('drain', drain);
    this.sink.once('close', gone);
    const late = sleep(HISTORY_TAKEN_WITHIN_MS, false, { signal: end.signal }).catch(() => false);
    const taken = await Promise.race([promise, late]);
    end.abort();
    this.sink.off('drain', drain);
    this.sink.off('close', gone);
    return taken;
  }
}

/** Of a page of history, what is written before it is waited for. */
function* slicesOf(events: readonly LiveEvent[]): Generator<LiveEvent[]> {
  let slice: LiveEvent[] = [];
  let weight = 0;
  for (const event of events) {
    slice.push(event);
    weight += event.json.length;
    if (weight < SLICE_BYTES) continue;
    yield slice;
    [slice, weight] = [[], 0];
  }
  if (slice.length > 0) yield slice;
}
