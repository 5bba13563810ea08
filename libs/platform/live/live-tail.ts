import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenEvent, SealedEvent } from '../event-codec/sealed-event.js';
import type { LogPage, StoredEvent, WholeLog } from '../event-log/event-log.js';
import { toResource } from '../feed/stream-history.js';
import { isUnavailable } from '../postgres/connection.js';
import { WakeUp } from '../projections/wake-up.js';
import { type Encoding, LiveEvent } from './live-event.js';

/** Who is given the events of a stream, or of all streams of a workspace. */
export interface TailReader {
  /** Events up to this position are not for it; nothing is, before that is known. */
  after: number;
  take(events: readonly LiveEvent[]): void;
  /** Something that is not on the log, encoded once for all. */
  signal?(encoded: (encoding: Encoding) => Buffer): void;
  close(reason: 'internal'): void;
}

export interface LiveTailOptions {
  log: Pick<WholeLog, 'read' | 'end' | 'onAppend'>;
  decode(stored: StoredEvent): SealedEvent;
  /** Opens personal fields, as every read of events does. */
  open(events: readonly SealedEvent[]): Promise<OpenEvent[]>;
  cursorOf(place: { position: number; seq?: number }): string;
}

const AT_ONCE = 100;
/** An append is heard of at once; where that got lost, so much later. */
const LOOK_AGAIN_MS = 500;
const TRY_AGAIN_MS = 100;

interface Wanted {
  sealed: SealedEvent;
  position: number;
  streams: string[];
}

interface Opened extends Wanted {
  event: OpenEvent;
}

/**
 * The end of the log, read once a process for all readers: each event that anybody waits for is decoded, opened and made
 * JSON once. Who joins a workspace's stream waits for all of the workspace. Reads nothing while nobody waits.
 *
 * A reader who joins is told a position: what is up to it was in the log before, and all that follows is given to it.
 */
export class LiveTail {
  private readonly streams = new Map<string, Set<TailReader>>();
  private readonly wakeUp = new WakeUp();
  /** Which of its runs is the present one: an older one that still waits for an answer ends with it. */
  private run = 0;
  private started: Promise<void> | null = null;
  /** Up to here it has been decided for whom an event is. */
  private position = 0;
  private given = 0;

  constructor(private readonly options: LiveTailOptions) {}

  /** Up to here every reader has been given what is theirs. */
  get delivered(): number {
    return this.given;
  }

  /** Sets the reader's `after`. Throws where the log cannot be read now. */
  async join(stream: string, reader: TailReader): Promise<void> {
    reader.after = Number.POSITIVE_INFINITY;
    const readers = this.streams.get(stream) ?? new Set();
    readers.add(reader);
    this.streams.set(stream, readers);
    this.started ??= this.start(++this.run);
    try {
      await this.started;
    } catch (error) {
      this.leave(stream, reader);
      throw error;
    }
    reader.after = this.position;
  }

  leave(stream: string, reader: TailReader): void {
    const readers = this.streams.get(stream);
    readers?.delete(reader);
    if (readers?.size === 0) this.streams.delete(stream);
    if (this.streams.size === 0) this.stop();
  }

  /** The readers of a stream. */
  readersOf(stream: string): ReadonlySet<TailReader> {
    return this.streams.get(stream) ?? NOBODY;
  }

  /** Ends, without a word to the readers. */
  stop(): void {
    this.run++;
    this.started = null;
    this.wakeUp.ring();
  }

  private async start(run: number): Promise<void> {
    try {
      this.position = await this.options.log.end();
    } catch (error) {
      if (run === this.run) this.started = null;
      throw error;
    }
    this.given = this.position;
    if (run === this.run) void this.follow(run);
  }

  private async follow(run: number): Promise<void> {
    const { log } = this.options;
    const forget = log.onAppend(() => this.wakeUp.ring());
    const clock = setInterval(() => this.wakeUp.ring(), LOOK_AGAIN_MS);
    clock.unref();
    try {
      while (run === this.run) {
        this.wakeUp.silence();
        const page = await log.read(this.position, { limit: AT_ONCE }).catch(() => null);
        if (run !== this.run) return;
        if (page === null) await sleep(TRY_AGAIN_MS);
        else if (page.scannedTo > this.position) await this.deliver(page, run);
        else await this.wakeUp.wait();
      }
    } finally {
      forget();
      clearInterval(clock);
    }
  }

  private async deliver({ events, scannedTo }: LogPage, run: number): Promise<void> {
    const wanted = events.flatMap((stored) => this.wantedOf(stored));
    // In one step with the choice: who joins from now on has these in their history.
    this.position = scannedTo;
    if (wanted.length > 0) {
      const opened = await this.opened(wanted, run);
      if (run !== this.run) return;
      this.give(opened);
    }
    this.given = scannedTo;
  }

  private wantedOf(stored: StoredEvent): Wanted[] {
    let sealed: SealedEvent;
    try {
      sealed = this.options.decode(stored);
    } catch {
      // Nobody can say whose it is; projections set it aside and say so.
      return [];
    }
    const { stream, workspace } = sealed.meta;
    const streams = [stream, workspace].filter((id) => this.streams.has(id));
    return streams.length === 0 ? [] : [{ sealed, position: stored.position, streams }];
  }

  /** Waits while the store is away. The readers of what cannot be opened at all are sent away. */
  private async opened(wanted: readonly Wanted[], run: number): Promise<Opened[]> {
    while (run === this.run) {
      try {
        const events = await this.options.open(wanted.map(({ sealed }) => sealed));
        return wanted.map((one, i) => ({ ...one, event: events[i]! }));
      } catch (error) {
        if (isUnavailable(error)) {
          await sleep(TRY_AGAIN_MS);
        } else if (wanted.length > 1) {
          const [first, ...others] = wanted;
          return [...(await this.opened([first!], run)), ...(await this.opened(others, run))];
        } else {
          for (const stream of wanted[0]!.streams)
            for (const reader of this.readersOf(stream)) reader.close('internal');
          return [];
        }
      }
    }
    return [];
  }

  private give(opened: readonly Opened[]): void {
    const byStream = new Map<string, LiveEvent[]>();
    for (const { position, streams, event: open } of opened) {
      const event = liveEventOf({ ...open, position }, this.options.cursorOf);
      for (const stream of streams) {
        const events = byStream.get(stream);
        if (events === undefined) byStream.set(stream, [event]);
        else events.push(event);
      }
    }
    for (const [stream, events] of byStream) for (const reader of this.readersOf(stream)) reader.take(events);
  }
}

const NOBODY: ReadonlySet<TailReader> = new Set();

export function liveEventOf(event: OpenEvent & { position: number }, cursorOf: LiveTailOptions['cursorOf']): LiveEvent {
  const { position, meta } = event;
  return new LiveEvent(event, cursorOf({ position, seq: meta.seq }), () => toResource(position, event));
}
