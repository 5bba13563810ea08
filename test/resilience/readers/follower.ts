import { setTimeout as sleep } from 'node:timers/promises';
import { EventReader, type Heard, type ReaderOptions, type Transport } from './event-reader.js';

export interface FollowerOptions {
  /** Asked before each connection. */
  url: () => string;
  key: string;
  transport: () => Transport;
  /** At which byte each connection is cut; where it is left out, none is by itself. */
  cutAfter?: () => number;
  reading?: Partial<ReaderOptions>;
  /** A cursor to begin at; where it is left out or null, the first event. */
  from?: string | null;
}

const COME_AGAIN_MS = 50;
/** What is asked for again: the service is away, ends, or has no room. */
const TEMPORARY: ReadonlySet<number> = new Set([0, 429, 502, 503]);

/**
 * Reads from the first event on, and goes on after each broken connection from the last event or heartbeat that it had
 * whole.
 */
export class Follower {
  readonly heard: Heard[] = [];
  /** Answers and last words that nothing excuses. */
  readonly problems: string[] = [];
  connections = 0;
  cursor: string | null;
  private reader: EventReader | null = null;
  private stopped = false;
  private following: Promise<void> | null = null;

  constructor(private readonly options: FollowerOptions) {
    this.cursor = options.from ?? null;
  }

  start(): this {
    this.following ??= this.follow();
    return this;
  }

  /** Cuts the present connection. */
  cut(): void {
    this.reader?.cut();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cut();
    await this.following;
  }

  /** Resolves once it was given so many events; throws where that does not come. */
  async heardThrough(count: number, withinMs: number): Promise<void> {
    for (const deadline = performance.now() + withinMs; this.heard.length < count; ) {
      if (this.problems.length > 0) throw new Error(this.problems[0]);
      if (performance.now() > deadline) {
        throw new Error(`a reader has ${this.heard.length} of ${count} events after ${withinMs} ms`);
      }
      await sleep(20);
    }
  }

  private async follow(): Promise<void> {
    while (!this.stopped && this.problems.length === 0) {
      const transport = this.options.transport();
      try {
        await this.readOnce(transport);
      } catch (error) {
        this.problems.push(`${transport}: ${(error as Error).message}`);
      }
    }
  }

  private async readOnce(transport: Transport): Promise<void> {
    const { url, key, cutAfter, reading } = this.options;
    const reader = await EventReader.open({
      url: url(),
      key,
      transport,
      since: this.cursor ?? 'beginning',
      ...(cutAfter === undefined ? {} : { cutAfter: cutAfter() }),
      ...reading,
      onEvent: (event) => this.heard.push(event),
    });
    this.reader = reader;
    this.connections++;
    if (this.stopped) reader.cut();
    while (!reader.ended && reader.problem === null) await sleep(2);
    reader.cut();
    this.cursor = reader.cursor ?? this.cursor;
    if (reader.status >= 300 && !TEMPORARY.has(reader.status)) {
      this.problems.push(`${transport}: ${reader.status} ${JSON.stringify(reader.problem)}`);
    }
    if (reader.errors.length > 0) this.problems.push(`${transport}: ${JSON.stringify(reader.errors)}`);
    if (reader.closed !== null && reader.closed.cursor !== this.cursor) {
      this.problems.push(
        `${transport}: closed at ${reader.closed.cursor}, after ${this.cursor} was the last that came`,
      );
    }
    if (reader.status === 0 || reader.status >= 300 || reader.closed !== null) await sleep(COME_AGAIN_MS);
  }
}
