import { setTimeout as sleep } from 'node:timers/promises';
import { UnknownSchemaError } from '../event-codec/codec-errors.js';
import type { OpenEvent, SealedEvent } from '../event-codec/sealed-event.js';
import type { LogPage, StoredEvent, WholeLog } from '../event-log/event-log.js';
import { isUnavailable } from '../postgres/connection.js';
import { WakeUp } from '../projections/wake-up.js';
import { type AddressedSignal, type Encoding, LiveEvent } from './live-event.js';

/** Who is given the events of a stream, or of all streams of a workspace. */
export interface TailReader {
  /** Events up to this position are not for it; nothing is, before that is known. */
  after: number;
  take(events: readonly LiveEvent[]): void;
  /** Something that is not on the log, encoded once for all. */
  signal?(encoded: (encoding: Encoding) => Buffer, signal: AddressedSignal): void;
  close(reason: 'internal'): void;
}

export interface LiveTailOptions {
  log: Pick<WholeLog, 'read' | 'end' | 'onAppend'>;
  decode(stored: StoredEvent): SealedEvent;
  /** Opens personal fields, as every read of events does. */
  open(events: readonly SealedEvent[]): Promise<OpenEvent[]>;
  cursorOf(workspace: string, place: { position: number; seq?: number }): string;
}

const AT_ONCE = 100;
/** An append is heard of at once; where that got lost, so much later. */
const LOOK_AGAIN_MS = 500;
const TRY_AGAIN_MS = 100;

interface Wanted {
  sealed: SealedEvent;
  position: number;
  weight: number;
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

  /** Up to here it has been decided for whom an event is: who joins now has these in their history. */
  get decided(): number {
    return this.position;
  }

  /** Counts its beginnings: what a reader has heard in one of them is not all that has happened by the next. */
  get beginnings(): number {
    return this.run;
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
        else if (page.scannedTo <= this.position || !(await this.deliver(page, run))) await this.wakeUp.wait();
      }
    } finally {
      forget();
      clearInterval(clock);
    }
  }

  /** False where it has come to what a newer version wrote, and waits before that to be updated. */
  private async deliver({ events, scannedTo }: LogPage, run: number): Promise<boolean> {
    const { wanted, newer } = this.wantedIn(events);
    const reached = newer === null ? scannedTo : newer - 1;
    // In one step with the choice: who joins from now on has these in their history.
    this.position = reached;
    if (wanted.length > 0) {
      const opened = await this.opened(wanted, run);
      if (run !== this.run) return false;
      this.give(opened);
    }
    this.given = reached;
    return newer === null;
  }

  /** `newer`: the position of the first that a newer version wrote; what follows it is not looked at. */
  private wantedIn(events: readonly StoredEvent[]): { wanted: Wanted[]; newer: number | null } {
    const wanted: Wanted[] = [];
    for (const stored of events) {
      try {
        wanted.push(...this.wantedOf(stored, this.options.decode(stored)));
      } catch (error) {
        // A good event, and perhaps theirs: a reader who was led past it would never have it.
        if (error instanceof UnknownSchemaError) return { wanted, newer: stored.position };
        // Nobody can say whose it is; projections set it aside and say so.
      }
    }
    return { wanted, newer: null };
  }

  private wantedOf(stored: StoredEvent, sealed: SealedEvent): Wanted[] {
    const { stream, workspace } = sealed.meta;
    // A workspace is a stream itself: its own events are for its readers once.
    const streams = [...new Set([stream, workspace])].filter((id) => this.streams.has(id));
    return streams.length === 0 ? [] : [{ sealed, position: stored.position, weight: stored.payload.length, streams }];
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
    for (const { position, weight, streams, event: open } of opened) {
      const event = liveEventOf({ ...open, position }, weight, this.options.cursorOf);
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

export function liveEventOf(
  event: OpenEvent & { position: number },
  weight: number,
  cursorOf: LiveTailOptions['cursorOf'],
): LiveEvent {
  const { position, meta } = event;
  return new LiveEvent(event, cursorOf(meta.workspace, { position, seq: meta.seq }), weight);
}
