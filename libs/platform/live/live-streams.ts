import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../kernel/problem.js';
import { Turns } from '../kernel/turns.js';
import type { LiveBody } from '../operations/reply.js';
import { EVENTS_A_UNIT } from '../past/read-meter.js';
import { HeldBytes, type Holder } from './held-bytes.js';
import type { AddressedSignal, CloseReason, Encoding } from './live-event.js';
import { LiveReader, type Sink } from './live-reader.js';
import { LiveSignals } from './live-signals.js';
import { LiveTail, type LiveTailOptions } from './live-tail.js';
import { pinnedEncoding } from './pinned-encoding.js';
import { ReaderShares, type Share } from './reader-shares.js';
import type { GivenPage, Reading } from './reading.js';
import { SERVER_SENT_EVENTS } from './server-sent-events.js';
import { type StreamReading, streamReading } from './stream-reading.js';

export interface LiveStreamsOptions extends LiveTailOptions {
  url: string;
  /** Whether a key is still good. */
  holds(key: string): boolean;
  /** The end of what the public transports read, where that is not the end of `log`. */
  feed?: LiveTailOptions['log'];
  heartbeatMs?: number;
  /** Told of what a reader failed of after its head had left: nobody else is. */
  onFailed(error: unknown, who: Share): void;
  /** Bytes that may wait for all readers together; left out, a part of the process's heap. */
  mostHeld?: number;
}

const HEARTBEAT_MS = 15_000;
const LOOK_MS = 200;
const MOST_READERS = 10_000;
/** Pages of history that a process holds for its readers at a time, and those of them for one workspace. */
const PAGES_HELD = 50;
const PAGES_HELD_OF_ONE = 10;
const ENDED_WITHIN_MS = 500;
/** Until there may be quota again for the next page of history. */
const QUOTA_AGAIN_MS = 1000;

interface Attached {
  reader: LiveReader;
  reading: Reading;
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
  /** The end of the store's own log. */
  readonly tail: LiveTail;
  /** The end of what the public transports read; the same where the log is embedded. */
  readonly feedTail: LiveTail;
  private readonly signals: LiveSignals;
  private readonly attached = new Set<Attached>();
  private readonly shares = new ReaderShares('live streams');
  private readonly connections = new ReaderShares('WebSockets');
  private readonly held: HeldBytes;
  private readonly turns = new Turns(PAGES_HELD, PAGES_HELD_OF_ONE);
  private readonly clocks: NodeJS.Timeout[];
  private ending = false;

  constructor(private readonly options: LiveStreamsOptions) {
    this.tail = new LiveTail(options);
    this.feedTail = options.feed === undefined ? this.tail : new LiveTail({ ...options, log: options.feed });
    this.signals = new LiveSignals(options.url, (signal) => this.deliver(signal));
    this.held = new HeldBytes(options.mostHeld);
    this.clocks = [
      setInterval(() => this.beat(), options.heartbeatMs ?? HEARTBEAT_MS),
      setInterval(() => this.look(), LOOK_MS),
    ];
    for (const clock of this.clocks) clock.unref();
  }

  /** How many read now. */
  get readers(): number {
    return this.attached.size;
  }

  /** Bytes that wait for them all. */
  get heldBytes(): number {
    return this.held.bytes;
  }

  /**
   * One stream's events as server-sent events. Throws `not_found`, `invalid_cursor`, `cursor_diverged`, what `admit`
   * throws, and `invalid_value` for a type that no event has.
   */
  async ofStream(reading: StreamReading): Promise<LiveBody> {
    const { cursorOf } = this.options;
    const prepared = await this.admit(reading, () => streamReading(reading, { tail: this.tail, cursorOf }));
    return {
      contentType: 'text/event-stream',
      attach: (sink) => void this.attach(sink, prepared, pinnedEncoding(SERVER_SENT_EVENTS, reading.pins)),
    };
  }

  /**
   * What `prepare` makes, where one more may read. Throws `unavailable` while the process ends or has too many readers,
   * `rate_limited` where the key or the workspace has, and `unauthenticated` for a key that is good no more: a connection that
   * was let in with it may ask later.
   */
  async admit<T>(share: Share, prepare: () => Promise<T>): Promise<T> {
    this.mustHaveRoom(this.attached.size);
    if (!this.options.holds(share.key)) throw new Problem('unauthenticated', 'The key was revoked.');
    const giveBack = this.shares.take(share);
    const [prepared] = await Promise.all([prepare(), this.signals.listen()]).finally(giveBack);
    return prepared;
  }

  /**
   * Throws as `admit` does where a key or a workspace has too many connections on which readings may be asked for, or the
   * process has. They are bounded like readers, beside them: who asks for nothing on a connection has it all the same.
   */
  admitConnection(share: Share): void {
    this.mustHaveRoom(this.connections.size);
    this.connections.take(share)();
  }

  /** Counts a connection that was let in, and what waits for it beside its readers, until what is answered is called. */
  holdConnection(share: Share, connection: Holder): () => void {
    const giveBack = this.connections.hold(share);
    const forget = this.held.add(connection);
    return () => {
      giveBack();
      forget();
    };
  }

  /** Gives a reading to a sink, from its history on; null where the sink has gone. The reader may be closed at any time. */
  attach(sink: Sink, reading: Reading, encoding: Encoding): LiveReader | null {
    // Who has gone meanwhile says so no more.
    if (sink.destroyed) return null;
    const { after, source } = reading;
    const reader: LiveReader = new LiveReader(sink, {
      encoding,
      key: reading.key,
      types: reading.types,
      cursor: reading.cursor,
      onClosed: (reason) => {
        this.closed[reason]++;
      },
      onBehind: (last) => void this.catchUp(reader, reading, last === null ? after : source.placeOf(last)),
    });
    const attached = { reader, reading, sink };
    this.attached.add(attached);
    const giveBack = this.shares.hold(reading);
    const forget = this.held.add(reader);
    sink.once('close', () => {
      giveBack();
      forget();
      this.attached.delete(attached);
      source.leave(reader);
    });
    if (this.ending) reader.close('shutdown');
    void this.catchUp(reader, reading, after);
    return reader;
  }

  /** Tells those who read a stream now, in every process, what is not on the log. Throws where Postgres is away. */
  signal(signal: AddressedSignal): Promise<void> {
    return this.signals.publish(signal);
  }

  /** The store lives another life: what readers were given may not be what happened. They come again with their cursors. */
  restart(): void {
    this.tail.stop();
    this.feedTail.stop();
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
      this.feedTail.stop();
    }
    await this.signals.close();
  }

  /** From a place on, by its history, until it is live. */
  private async catchUp(reader: LiveReader, reading: Reading, after: number): Promise<void> {
    try {
      for (let from = after; !reader.closed; ) {
        reader.beginHistory();
        await reading.source.join(reader);
        from = await this.giveHistory(reader, reading, from);
        if (!reader.closed && reader.goLive()) return;
      }
    } catch (error) {
      // The head has left: what went wrong is gone when it comes again, or is answered as a problem then.
      this.options.onFailed(error, { workspace: reading.workspace, key: reading.key });
      reader.close('internal');
    }
  }

  private mustHaveRoom(taken: number): void {
    if (!this.ending && taken < MOST_READERS) return;
    throw new Problem('unavailable', 'This process takes no more readers now. Try again.', { retryAfter: 1 });
  }

  /** Up to where what is kept for it begins; resolves with the place up to which it has all. */
  private async giveHistory(reader: LiveReader, reading: Reading, after: number): Promise<number> {
    let reached = after;
    for (let next: number | null = after; next !== null && !reader.closed; ) {
      const endTurn = await this.turns.take(reading.workspace);
      let given: GivenPage;
      try {
        // It may have gone while it waited.
        if (reader.closed) return reached;
        given = await reading.source.givePage(reader, next);
      } finally {
        endTurn();
      }
      // One that takes its time keeps nobody from reading.
      await given.taken;
      next = given.next;
      reached = given.last ?? reached;
      await this.pay(reader, reading, given.read);
    }
    return reached;
  }

  /** Its answer is under way: where the quota is used up, its history waits for more. */
  private async pay(reader: LiveReader, { charge }: Reading, events: number): Promise<void> {
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

  private deliver(signal: AddressedSignal): void {
    const encoded = new Map<Encoding, Buffer>();
    const bytes = (encoding: Encoding): Buffer => {
      const known = encoded.get(encoding) ?? encoding.signal(signal);
      encoded.set(encoding, known);
      return known;
    };
    for (const reader of this.tail.readersOf(signal.stream)) reader.signal?.(bytes, signal);
    for (const readers of this.feedTail.readersOf(signal.workspace)) readers.signal?.(bytes, signal);
  }

  private beat(): void {
    const cursors = new Map<string, string>();
    for (const { reader, reading } of this.attached) {
      const { workspace, source } = reading;
      const position = source.delivered();
      const key = `${workspace} ${position}`;
      const cursor = cursors.get(key) ?? this.options.cursorOf(workspace, { position });
      cursors.set(key, cursor);
      reader.heartbeat(position, cursor);
    }
  }

  private look(): void {
    this.held.bound();
    for (const { reader } of this.attached) if (!this.options.holds(reader.key)) reader.close('key_revoked');
  }

  private closeAll(reason: CloseReason): void {
    for (const { reader } of this.attached) reader.close(reason);
  }
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
