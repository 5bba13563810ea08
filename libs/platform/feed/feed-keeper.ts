import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { Connection } from '../postgres/connection.js';
import { Cursor } from '../projections/cursor.js';
import type { EventDecoder } from '../projections/event-opener.js';
import { ProjectionLane } from '../projections/projection-lane.js';
import { SerialLane } from '../projections/serial-lane.js';
import { type StoredProgress, storedProgress } from '../projections/stored-progress.js';
import { FeedFold } from './feed-fold.js';

/** The feed's name among the projections: its cursors and dead letters are in the schema `feed`. */
export const FEED = {
  service: 'feed',
  name: 'feed',
  inline: false,
  types: EVENT_SCHEMAS.map(({ type }) => type),
} as const;

export interface FeedKeeperOptions {
  url: string;
  decoder: Pick<EventDecoder, 'decode'>;
  /** The names of all partitions. */
  partitions: () => Promise<readonly string[]>;
  /** The positions between two that no event has, and none will get. */
  absent: (after: number, before: number) => Promise<readonly number[]>;
  /** Told of each record that was set aside. */
  onTrouble: (error: string) => void;
}

const READ_ON_EVERY_MS = 1000;
const READ_ON = { name: 'feed_read_on', text: 'select feed.read_on()' };

/**
 * Keeps the feed from the partitions of all topics: every event once, at the position that its store gave it. What can
 * be read ends before the first position that has not come yet.
 */
export class FeedKeeper {
  private readonly connection: Connection;
  private readonly fold: FeedFold;
  private clock: NodeJS.Timeout | undefined;
  private readingOn = false;
  private moved = false;
  private readonly lanes = new Map<string, SerialLane>();
  private dead = 0;
  private stuckAt: number | null = null;

  constructor(private readonly options: FeedKeeperOptions) {
    this.connection = new Connection({
      url: options.url,
      role: 'heddle_feed',
      applicationName: 'heddle feed',
      answerWithin: 20_000,
      parameters: { lock_timeout: '5s', idle_in_transaction_session_timeout: '5s' },
    });
    this.fold = new FeedFold(options.decoder);
  }

  start(): void {
    // Another member may have ended between its events and the step that makes them readable.
    this.clock = setInterval(() => {
      this.readOn();
      // The clock tries again.
      this.passOver().catch(() => undefined);
      // A lane that was overtaken, or has lost its database, finds out with its next page.
      for (const lane of this.lanes.values()) void lane.flush().catch(() => undefined);
    }, READ_ON_EVERY_MS);
    this.clock.unref();
  }

  lane(partition: string): SerialLane {
    const lane = new ProjectionLane(FEED, partition, this.connection, this.fold, {
      moved: () => this.readOn(),
      setAside: (position, cause) => this.options.onTrouble(`${partition}, ${position} was set aside: ${cause}`),
      insteadOf: (event) => this.fold.insteadOf(event),
    });
    const whole = new SerialLane(lane, () => this.ensureCursors());
    this.lanes.set(partition, whole);
    return whole;
  }

  /** Where all its partitions are, whoever has them. */
  async stored(): Promise<StoredProgress> {
    const stored = await storedProgress(this.connection, FEED);
    this.dead = stored.deadLetters;
    return stored;
  }

  /** As the rows last said. */
  get deadLetters(): number {
    return this.dead;
  }

  /** Resolves when all that has come is readable, up to the first position that may still come. */
  async settle(): Promise<void> {
    do await this.connection.query(READ_ON);
    while ((await this.passOver()) || (await this.passOver()));
  }

  async close(): Promise<void> {
    clearInterval(this.clock);
    await this.connection.close();
  }

  private async ensureCursors(): Promise<void> {
    await this.connection.query(Cursor.ensureAll(FEED, await this.options.partitions()));
  }

  private readOn(): void {
    this.moved = true;
    if (this.readingOn) return;
    this.readingOn = true;
    void this.untilNothingMoved();
  }

  /**
   * Puts an empty row where the feed ends before a position that nobody has: else it would wait for ever. True where
   * there was one. Asks only where it has ended twice.
   */
  private async passOver(): Promise<boolean> {
    const { rows } = await this.connection.query<{ through: number; next: number | null }>({
      name: 'feed_gap',
      text: `select r.through, (select min(e.position) from feed.events e where e.position > r.through) as next
               from feed.readable r`,
    });
    const { through, next } = rows[0]!;
    const isStuck = next !== null && through === this.stuckAt;
    this.stuckAt = next === null ? null : through;
    const absent = isStuck ? await this.options.absent(through, next) : [];
    if (absent.length === 0) return false;
    await this.connection.query({
      name: 'feed_pass_over',
      text: 'insert into feed.events (position) select * from unnest($1::bigint[]) on conflict do nothing',
      values: [absent],
    });
    this.readOn();
    return true;
  }

  private async untilNothingMoved(): Promise<void> {
    try {
      while (this.moved) {
        this.moved = false;
        await this.connection.query(READ_ON);
      }
    } catch {
      // The clock tries again.
    } finally {
      this.readingOn = false;
    }
  }
}
