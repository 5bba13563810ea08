import { setTimeout as sleep } from 'node:timers/promises';
import type { Holder } from './held-bytes.js';
import { bytesOf, type CloseReason, type Encoding, type LiveEvent } from './live-event.js';
import { type Ends, UnsentBytes } from './unsent-bytes.js';

/** What a transport writes to: a response of node:http is one. */
export interface Sink {
  write(bytes: Buffer): boolean;
  /** Bytes that were written and not taken yet. */
  readonly writableLength: number;
  /** Of these, what waits for this one, where others write to the same connection; left out: all. */
  readonly waitingBytes?: number;
  /** The connection that is its alone, where it has one. */
  readonly socket?: Ends | null;
  readonly destroyed: boolean;
  /** Its client says how much it takes at a time: where more waits than may, it reads on from its history. */
  readonly isPaced?: boolean;
  end(): unknown;
  destroy(): unknown;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}

/** So much may wait for a reader, beside what the kernel takes. */
const MOST_WAITING_BYTES = 1024 * 1024;
const MOST_PENDING_EVENTS = 1000;
const MOST_PENDING_BYTES = 512 * 1024;
/** Of a page of history, what is written before it is waited for: less than what one who takes little takes in half a minute. */
const WRITTEN_AT_ONCE = 64 * 1024;
/** With more than this on the connection, a history waits. */
const ENOUGH_BYTES = 128 * 1024;
/** One that takes nothing of its history for so long is closed. */
const TAKES_WITHIN_MS = 30_000;
/** How often it is looked meanwhile whether it takes any. */
const LOOKS = 3;
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
  /** It was live, and has to read from its history what came after this place; null: after where it began. */
  onBehind?: (last: ReaderPlace | null) => void;
  takesWithinMs?: number;
  /** What the kernel keeps for the other end of a connection. */
  unsent?: UnsentBytes;
}

/** One for all readers of the process: they ask at about the same time. */
const UNSENT = new UnsentBytes();

/** An event that a reader has been given, or a place after it up to which there is nothing else for it. */
export interface ReaderPlace {
  position: number;
  seq: number;
}

/** Some of a reader's history as it is written, and where the reader stands once it has that. */
export interface HistoryPart {
  bytes: Buffer;
  place: ReaderPlace;
  cursor: string;
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
export class LiveReader implements Holder {
  /** Events up to this position are its history's. Nothing is taken before that is known. */
  after = Number.POSITIVE_INFINITY;
  private pending: LiveEvent[] = [];
  private pendingBytes = 0;
  private missedSome = false;
  private isLive = false;
  /** Whether it was given some of its history, or told where that begins. */
  private isReading = false;
  /** Of a page that waits until there is room on the connection. */
  private inHand = 0;
  /** What is left to write of a page; null where it is all written. */
  private rest: Buffer | null = null;
  private isClosed = false;
  private last: ReaderPlace | null = null;

  constructor(
    private readonly sink: Sink,
    private readonly options: LiveReaderOptions,
  ) {
    sink.once('close', () => {
      this.isClosed = true;
      this.rest = null;
      this.forgetPending();
    });
  }

  get closed(): boolean {
    return this.isClosed;
  }

  get held(): number {
    if (this.isClosed) return 0;
    const inHand = this.inHand + (this.rest?.length ?? 0);
    return this.pendingBytes + inHand + (this.sink.waitingBytes ?? this.sink.writableLength);
  }

  get key(): string {
    return this.options.key;
  }

  get encoding(): Encoding {
    return this.options.encoding;
  }

  /** From where it would go on. */
  get cursor(): string | null {
    return this.options.cursor;
  }

  /** Events of its stream, in their order. */
  take(events: readonly LiveEvent[]): void {
    if (this.isClosed) return;
    const mine = this.mineOf(events);
    if (mine.length === 0) return;
    if (this.isLive) this.writeLive(mine);
    else if (!this.missedSome) this.keep(mine);
  }

  /** What is gone in a moment is not kept for one who is behind. */
  signal(encoded: (encoding: Encoding) => Buffer): void {
    if (!this.isLive || this.isClosed || this.sink.writableLength > MOST_WAITING_BYTES / 2) return;
    this.sink.write(encoded(this.options.encoding));
  }

  /** `cursor` stands at `position`, up to which everything has been given to its readers. */
  heartbeat(position: number, cursor: string): void {
    if (this.isClosed) return;
    if (!this.isLive) {
      // One that takes what it was given hears that the connection lives, however far the next event for it is.
      if (this.isReading && this.rest === null && this.sink.writableLength === 0) {
        this.sink.write(this.encoding.heartbeat(this.cursor));
      }
      return;
    }
    if (position > this.after) this.options.cursor = cursor;
    this.sink.write(this.encoding.heartbeat(this.cursor));
    this.closeWhereSlow();
  }

  /** It is about to read its history, or more of it: what comes meanwhile is kept for it. */
  beginHistory(): void {
    this.missedSome = false;
    this.forgetPending();
  }

  /** Up to this place its history is given: its next events come after it. */
  reachedInHistory(place: ReaderPlace, cursor: string | null): void {
    this.isReading = true;
    this.last = place;
    this.options.cursor = cursor;
  }

  /** Its history: each part is asked for once the one before was taken. Resolves once all were, so that no page is read before. */
  async writeHistory(parts: Iterable<HistoryPart>): Promise<void> {
    if (this.isClosed || (this.isCrowded && !(await this.hasRoom(madeOf(parts))))) return;
    for (const { bytes, place, cursor } of parts) {
      this.reachedInHistory(place, cursor);
      await this.give(bytes);
      if (this.isClosed) return;
    }
  }

  /**
   * What it waits for is other than it was from this place on: it reads on from there in its history, and from where its
   * history went to where that is further, for the tail may be behind a reader's cursor. One that reads its history does so
   * when it has come to its end.
   */
  fallBehind(place: ReaderPlace): void {
    if (this.isClosed) return;
    if (!this.isLive) {
      this.missedSome = true;
      return;
    }
    this.last = place.position < this.after ? { position: this.after, seq: 0 } : place;
    this.goBehind();
  }

  /** From now on it is given what happens; false where so much happened meanwhile that it was not kept. */
  goLive(): boolean {
    if (this.missedSome) return false;
    this.isLive = true;
    const { pending } = this;
    this.forgetPending();
    if (pending.length > 0) this.writeLive(pending);
    return true;
  }

  close(reason: CloseReason): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.forgetPending();
    const { encoding, cursor, onClosed } = this.options;
    onClosed?.(reason);
    // It stands behind the whole page.
    if (this.rest !== null) this.sink.write(this.rest);
    this.rest = null;
    this.sink.write(encoding.closed(reason, cursor));
    this.sink.end();
    setTimeout(() => this.sink.destroy(), LAST_WORDS_TAKEN_WITHIN_MS).unref();
  }

  /** All of them as they are, where that is so: what is written of the same array is made once for all. */
  private mineOf(events: readonly LiveEvent[]): readonly LiveEvent[] {
    if (this.options.types === null && events[0]!.position > this.after) return events;
    return events.filter(({ position, type }) => position > this.after && this.wants(type));
  }

  private keep(events: readonly LiveEvent[]): void {
    for (const event of events) this.pendingBytes += event.weight;
    this.pending.push(...events);
    if (this.pending.length <= MOST_PENDING_EVENTS && this.pendingBytes <= MOST_PENDING_BYTES) return;
    this.missedSome = true;
    this.forgetPending();
  }

  private forgetPending(): void {
    this.pending = [];
    this.pendingBytes = 0;
  }

  private wants(type: string): boolean {
    return this.options.types === null || this.options.types.has(type);
  }

  /**
   * Little by little, so that it is seen that it takes them; one that says itself how much it takes is given whole lines.
   * Resolves once it took the last.
   */
  private async give(bytes: Buffer): Promise<void> {
    for (this.rest = bytes; this.rest !== null && !this.isClosed; ) {
      const { rest, sink } = this;
      const most = sink.isPaced === true ? rest.length : WRITTEN_AT_ONCE;
      this.rest = rest.length <= most ? null : rest.subarray(most);
      if (!sink.write(rest.subarray(0, most)) && !(await this.drained())) this.close('slow_reader');
    }
  }

  private writeLive(events: readonly LiveEvent[]): void {
    if (this.options.onBehind !== undefined && this.isTooMuch(events)) {
      this.goBehind();
      return;
    }
    const { position, seq, cursor } = events.at(-1)!;
    this.options.cursor = cursor;
    this.last = { position, seq };
    this.sink.write(bytesOf(events, this.encoding));
    this.after = position;
    this.closeWhereSlow();
  }

  /** By their weight, where that says it: of readers whose bytes are their own, a thousand would each make what none is given. */
  private isTooMuch(events: readonly LiveEvent[]): boolean {
    const most = MOST_WAITING_BYTES / 2 - (this.sink.isPaced === true ? this.sink.writableLength : 0);
    let weight = 0;
    for (const event of events) weight += event.weight;
    return weight > most || bytesOf(events, this.options.encoding).length > most;
  }

  private goBehind(): void {
    this.isLive = false;
    this.after = Number.POSITIVE_INFINITY;
    this.options.onBehind?.(this.last);
  }

  private closeWhereSlow(): void {
    if (this.sink.writableLength > MOST_WAITING_BYTES) this.close('slow_reader');
  }

  /** Others may write to the same connection. */
  private get isCrowded(): boolean {
    return this.sink.writableLength > ENOUGH_BYTES;
  }

  /** Resolves when there is room; false where it is closed. `inHand`: what is kept for it meanwhile, bytes. */
  private async hasRoom(inHand = 0): Promise<boolean> {
    this.inHand = inHand;
    if (!(await this.drained())) this.close('slow_reader');
    this.inHand = 0;
    return !this.isClosed;
  }

  /**
   * False where it takes nothing for too long, or is gone. What a window lets through little by little is waited for: then
   * less waits on the connection, or less with the kernel.
   */
  private async drained(): Promise<boolean> {
    const { sink } = this;
    const { takesWithinMs = TAKES_WITHIN_MS, unsent = UNSENT } = this.options;
    const end = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    let taken: boolean | null = null;
    const say = (said: boolean) => {
      taken ??= said;
      resolve();
    };
    const [drain, gone] = [() => say(true), () => say(false)];
    sink.once('drain', drain);
    sink.once('close', gone);
    let [left, leftUnsent] = [sink.writableLength, null as number | null];
    for (let looks = 0; taken === null && looks < LOOKS; ) {
      const late = sleep(takesWithinMs / LOOKS, undefined, { signal: end.signal });
      await Promise.race([promise, late.catch(() => undefined)]);
      if (taken !== null) break;
      const nowUnsent = await unsent.to(sink.socket ?? {});
      const takes = sink.writableLength < left || (nowUnsent !== null && nowUnsent < (leftUnsent ?? 0));
      looks = takes ? 0 : looks + 1;
      [left, leftUnsent] = [sink.writableLength, nowUnsent];
    }
    end.abort();
    sink.off('drain', drain);
    sink.off('close', gone);
    return taken ?? false;
  }
}

/** What of a history has been made already, bytes. */
function madeOf(parts: Iterable<HistoryPart>): number {
  return Array.isArray(parts) ? parts.reduce((sum, { bytes }: HistoryPart) => sum + bytes.length, 0) : 0;
}
