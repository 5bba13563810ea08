import { setTimeout as sleep } from 'node:timers/promises';
import { type StreamHistory, typesOf } from '../feed/stream-history.js';
import { Problem } from '../kernel/problem.js';
import { Turns } from '../kernel/turns.js';
import type { LiveBody } from '../operations/reply.js';
import { EVENTS_A_UNIT } from '../past/read-meter.js';
import type { CloseReason, Encoding, LiveEvent } from './live-event.js';
import { LiveReader, type Sink } from './live-reader.js';
import { type AddressedSignal, LiveSignals } from './live-signals.js';
import { LiveTail, type LiveTailOptions, liveEventOf } from './live-tail.js';
import { ReaderShares } from './reader-shares.js';
import { SERVER_SENT_EVENTS } from './server-sent-events.js';

export interface LiveStreamsOptions extends LiveTailOptions {
  url: string;
  /** Whether a key is still good. */
  holds(key: string): boolean;
  heartbeatMs?: number;
}

export interface StreamReading {
  workspace: string;
  stream: string;
  /** The key that it is read with. */
  key: string;
  /** A public cursor to go on from; undefined: from the first event on. */
  cursor: string | undefined;
  /** An event type or a group's name. */
  type: string | undefined;
  history: Pick<StreamHistory, 'versionOf' | 'seqOf' | 'scanPage'>;
  /** Takes from the caller's quota for what is read of the history; throws `rate_limited`. */
  charge?: ((units: number) => void) | undefined;
}

const HEARTBEAT_MS = 15_000;
const LOOK_AT_KEYS_MS = 200;
const MOST_READERS = 10_000;
/** Pages of history that a process holds for its readers at a time, and those of them for one workspace. */
const PAGES_HELD = 50;
const PAGES_HELD_OF_ONE = 10;
const ENDED_WITHIN_MS = 500;
/** Until there may be quota again for the next page of history. */
const QUOTA_AGAIN_MS = 1000;

interface Attached {
  reader: LiveReader;
  sink: Sink;
}

/**
 * Streams that go on: from their history to what happens now without a gap, a duplicate or a change of order, for any
 * number of readers (docs/decisions/0025).
 */
export class LiveStreams {
  /** How many were closed, and why. */
  readonly closed: Record<CloseReason, number> = {
    key_revoked: 0,
    shutdown: 0,
    slow_reader: 0,
    store_restored: 0,
    internal: 0,
  };
  private readonly tail: LiveTail;
  private readonly signals: LiveSignals;
  private readonly attached = new Set<Attached>();
  private readonly shares = new ReaderShares();
  private readonly turns = new Turns(PAGES_HELD, PAGES_HELD_OF_ONE);
  private readonly clocks: NodeJS.Timeout[];
  private ending = false;

  constructor(private readonly options: LiveStreamsOptions) {
    this.tail = new LiveTail(options);
    this.signals = new LiveSignals(options.url, (signal) => this.deliver(signal));
    this.clocks = [
      setInterval(() => this.beat(), options.heartbeatMs ?? HEARTBEAT_MS),
      setInterval(() => this.closeWithoutKey(), LOOK_AT_KEYS_MS),
    ];
    for (const clock of this.clocks) clock.unref();
  }

  /** How many read now. */
  get readers(): number {
    return this.attached.size;
  }

  /**
   * One stream's events as server-sent events. Throws `not_found`, `invalid_cursor`, `cursor_diverged`, and `unavailable`
   * while the process ends, or has too many readers, `rate_limited` where the key or the workspace has, and `invalid_value`
   * for a type that no event has.
   */
  async ofStream(reading: StreamReading): Promise<LiveBody> {
    const { workspace, stream, cursor, history } = reading;
    const types = typesOf(reading.type);
    if (this.ending || this.attached.size >= MOST_READERS) {
      throw new Problem('unavailable', 'This process takes no more readers now. Try again.', { retryAfter: 1 });
    }
    const giveBack = this.shares.take(reading);
    const [version, after] = await Promise.all([
      history.versionOf(workspace, stream),
      cursor === undefined ? 0 : history.seqOf(workspace, stream, cursor),
      this.signals.listen(),
    ]).finally(giveBack);
    if (version === null) throw new Problem('not_found', `There is no ${stream} in this workspace.`);
    return { contentType: 'text/event-stream', attach: (sink) => void this.attach(sink, reading, types, after) };
  }

  /** Tells those who read a stream now, in every process, what is not on the log. Throws where Postgres is away. */
  signal(signal: AddressedSignal): Promise<void> {
    return this.signals.publish(signal);
  }

  /** The store lives another life: what readers were given may not be what happened. They come again with their cursors. */
  restart(): void {
    this.tail.stop();
    this.closeAll('store_restored');
  }

  /** Ends all streams, and resolves when that is done. */
  async close(): Promise<void> {
    if (!this.ending) {
      this.ending = true;
      for (const clock of this.clocks) clearInterval(clock);
      const sinks = [...this.attached].map(({ sink }) => sink);
      this.closeAll('shutdown');
      await Promise.all(sinks.map(ended));
      this.tail.stop();
    }
    await this.signals.close();
  }

  private async attach(
    sink: Sink,
    reading: StreamReading,
    types: readonly string[] | null,
    after: number,
  ): Promise<void> {
    // Who has gone meanwhile says so no more.
    if (sink.destroyed) return;
    const { stream, key, cursor = null } = reading;
    const reader: LiveReader = new LiveReader(sink, {
      encoding: SERVER_SENT_EVENTS,
      key,
      types: types === null ? null : new Set(types),
      cursor,
      onClosed: (reason) => {
        this.closed[reason]++;
      },
      onBehind: (seq) => void this.catchUp(reader, reading, seq ?? after),
    });
    const attached = { reader, sink };
    this.attached.add(attached);
    const giveBack = this.shares.hold(reading);
    sink.once('close', () => {
      giveBack();
      this.attached.delete(attached);
      this.tail.leave(stream, reader);
    });
    if (this.ending) reader.close('shutdown');
    await this.catchUp(reader, reading, after);
  }

  /** From an event on, by its history, until it is live. */
  private async catchUp(reader: LiveReader, reading: StreamReading, after: number): Promise<void> {
    try {
      for (let from = after; !reader.closed; ) {
        reader.beginHistory();
        await this.tail.join(reading.stream, reader);
        from = await this.giveHistory(reader, reading, from);
        if (!reader.closed && reader.goLive()) return;
      }
    } catch {
      // The head has left: what went wrong is gone when it comes again, or is answered as a problem then.
      reader.close('internal');
    }
  }

  /** Up to where what is kept for it begins; resolves with the seq up to which it has all. */
  private async giveHistory(reader: LiveReader, reading: StreamReading, after: number): Promise<number> {
    let seq = after;
    for (let next: number | null = after; next !== null && !reader.closed; ) {
      const endTurn = await this.turns.take(reading.workspace);
      let given: Given;
      try {
        given = await this.givePage(reader, reading, next);
      } finally {
        endTurn();
      }
      next = given.next;
      seq = given.last ?? seq;
      await this.pay(reader, reading, given.read);
    }
    return seq;
  }

  private async givePage(reader: LiveReader, reading: StreamReading, after: number): Promise<Given> {
    const { workspace, stream, type, history } = reading;
    // It may have gone while it waited.
    if (reader.closed) return { next: null, last: null, read: 0 };
    const types = typesOf(type);
    let read = 0;
    const { events, next } = await history.scanPage(workspace, stream, {
      after,
      upToPosition: reader.after,
      ...(types === null ? {} : { types }),
      onRead: (count) => {
        read = count;
      },
    });
    const given: LiveEvent[] = events.map((event) => liveEventOf(event, this.options.cursorOf));
    await reader.writeHistory(given);
    return { next, last: given.at(-1)?.seq ?? null, read };
  }

  /** Its answer is under way: where the quota is used up, its history waits for more. */
  private async pay(reader: LiveReader, { charge }: StreamReading, events: number): Promise<void> {
    const units = Math.floor(events / EVENTS_A_UNIT);
    while (charge !== undefined && !reader.closed) {
      try {
        charge(units);
        return;
      } catch (error) {
        if (!(error instanceof Problem && error.code === 'rate_limited')) throw error;
        await sleep(QUOTA_AGAIN_MS, undefined, { ref: false });
      }
    }
  }

  private deliver({ stream, name, data }: AddressedSignal): void {
    const encoded = new Map<Encoding, Buffer>();
    const bytes = (encoding: Encoding): Buffer => {
      const known = encoded.get(encoding) ?? encoding.signal({ name, data });
      encoded.set(encoding, known);
      return known;
    };
    for (const reader of this.tail.readersOf(stream)) reader.signal?.(bytes);
  }

  private beat(): void {
    const position = this.tail.delivered;
    const cursor = this.options.cursorOf({ position });
    for (const { reader } of this.attached) reader.heartbeat(position, cursor);
  }

  private closeWithoutKey(): void {
    for (const { reader } of this.attached) if (!this.options.holds(reader.key)) reader.close('key_revoked');
  }

  private closeAll(reason: CloseReason): void {
    for (const { reader } of this.attached) reader.close(reason);
  }
}

interface Given {
  /** The seq after which its history goes on; null where that was all. */
  next: number | null;
  /** The seq of the last that it was given. */
  last: number | null;
  /** How many events were read. */
  read: number;
}

/** Resolves when the last words are taken, or there was time enough. */
function ended(sink: Sink): Promise<void> {
  return new Promise((resolve) => {
    if (sink.destroyed) {
      resolve();
      return;
    }
    const late = setTimeout(() => {
      sink.destroy();
      resolve();
    }, ENDED_WITHIN_MS);
    sink.once('close', () => {
      clearTimeout(late);
      resolve();
    });
  });
}
