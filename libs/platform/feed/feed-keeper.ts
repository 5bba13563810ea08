import { Connection } from '../postgres/connection.js';
import { Cursor } from '../projections/cursor.js';
import type { EventDecoder } from '../projections/event-opener.js';
import { ProjectionLane } from '../projections/projection-lane.js';
import { TurnLane } from '../projections/turn-lane.js';
import { FeedFold } from './feed-fold.js';

/** The feed's name among the projections: its cursors and dead letters are in the schema `feed`. */
export const FEED = { service: 'feed', name: 'feed' } as const;

export interface FeedKeeperOptions {
  url: string;
  decoder: Pick<EventDecoder, 'decode'>;
  /** The names of all partitions. */
  partitions: () => Promise<readonly string[]>;
  /** Told of each record that was set aside. */
  onTrouble: (error: string) => void;
}

const READ_ON_EVERY_MS = 1000;

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
    this.clock = setInterval(() => this.readOn(), READ_ON_EVERY_MS);
    this.clock.unref();
  }

  lane(partition: string): TurnLane {
    const lane = new ProjectionLane(FEED, partition, this.connection, this.fold, {
      moved: () => this.readOn(),
      setAside: (position, cause) => this.options.onTrouble(`${partition}, ${position} was set aside: ${cause}`),
      insteadOf: (event) => this.fold.insteadOf(event),
    });
    return new TurnLane(lane, async () => {
      await this.connection.query(Cursor.ensureAll(FEED, await this.options.partitions()));
    });
  }

  async close(): Promise<void> {
    clearInterval(this.clock);
    await this.connection.close();
  }

  private readOn(): void {
    this.moved = true;
    if (this.readingOn) return;
    this.readingOn = true;
    void this.untilNothingMoved();
  }

  private async untilNothingMoved(): Promise<void> {
    try {
      while (this.moved) {
        this.moved = false;
        await this.connection.query({ name: 'feed_read_on', text: 'select feed.read_on()' });
      }
    } catch {
      // The clock tries again.
    } finally {
      this.readingOn = false;
    }
  }
}
