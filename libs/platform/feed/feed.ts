import type { EventCodec } from '../event-codec/event-codec.js';
import type { OpenEvent, SealedEvent } from '../event-codec/sealed-event.js';
import type { PlacedLog, StoredEvent } from '../event-log/event-log.js';
import { weightOf } from '../event-log/event-weight.js';
import { beyondTheEnd, decodeCursor } from '../event-store/cursor.js';
import type { StoreIdentity } from '../event-store/epoch.js';
import { Problem } from '../kernel/problem.js';

export interface FeedOptions {
  /** All events in the store's order: the store's own, or what has come back of them from Kafka. */
  log: Pick<PlacedLog, 'at' | 'end' | 'onAppend'>;
  /** The last position that the store has given. */
  storeEnd: () => Promise<number>;
  codec: Pick<EventCodec, 'decode'>;
  /** Opens personal fields. */
  open: (events: readonly SealedEvent[]) => Promise<OpenEvent[]>;
  store: () => StoreIdentity;
  cursorOf: (workspace: string, place: { position: number; seq?: number }) => string;
}

/** An event of the feed with its personal fields in plain text. */
export interface FeedEvent extends OpenEvent {
  position: number;
  /** What it weighs on the log, in bytes. */
  weight: number;
}

const LOOK_AGAIN_MS = 20;

/** Events by their places in the store, of one workspace: what every public transport of all events reads. */
export class Feed {
  constructor(private readonly options: FeedOptions) {}

  /** The last position that the store has given: what was acknowledged is not beyond it. */
  end(): Promise<number> {
    return this.options.storeEnd();
  }

  /** The public cursor that stands after a place. */
  cursorOf(workspace: string, place: { position: number; seq?: number }): string {
    return this.options.cursorOf(workspace, place);
  }

  /** The position that a public cursor says, wherever the log ends. Throws `invalid_cursor`, `cursor_diverged`. */
  placeOf(workspace: string, cursor: string): number {
    return decodeCursor(this.options.store(), cursor, { workspace }).position;
  }

  /** The position of a public cursor. Throws `invalid_cursor`, `cursor_diverged`. */
  async positionOf(workspace: string, cursor: string): Promise<number> {
    const position = this.placeOf(workspace, cursor);
    if (position > (await this.end())) throw beyondTheEnd(position);
    return position;
  }

  /** True once it can be read up to a position; false where that took longer. */
  async waitFor(position: number, timeoutMs: number): Promise<boolean> {
    const { log } = this.options;
    for (const giveUp = Date.now() + timeoutMs; ; ) {
      if ((await log.end()) >= position) return true;
      if (Date.now() >= giveUp) return false;
      await new Promise<void>((resolve) => {
        const forget = log.onAppend(() => done());
        const clock = setTimeout(() => done(), LOOK_AGAIN_MS);
        const done = () => {
          clearTimeout(clock);
          forget();
          resolve();
        };
      });
    }
  }

  /**
   * The events at positions in order as the store keeps them, as `PlacedLog.at` gives them: of whatever workspace. Throws
   * `unavailable` where it ends before them: a feed that is made anew lacks for a while what it had, and will have again.
   */
  async at(positions: readonly number[], mostBytes: number, order: 'asc' | 'desc' = 'asc'): Promise<StoredEvent[]> {
    const stored = await this.options.log.at(positions, mostBytes, order);
    const [highest, found] = order === 'asc' ? [positions.at(-1), stored.at(-1)] : [positions[0], stored[0]];
    if (highest === undefined || found?.position === highest) return stored;
    const isCut = order === 'asc' && weightOf(stored) >= mostBytes;
    if (!isCut && (await this.options.log.end()) < highest) {
      throw new Problem('unavailable', 'The feed is made anew, and ends before these events. Try again.', {
        retryAfter: 1,
      });
    }
    return stored;
  }

  /** Those of them that are the workspace's, whoever has named their positions, as every read of events gives them. */
  async open(workspace: string, stored: readonly StoredEvent[]): Promise<FeedEvent[]> {
    const sealed: SealedEvent[] = [];
    const own: StoredEvent[] = [];
    for (const one of stored) {
      const event = this.options.codec.decode(one.fingerprint, one.payload);
      if (event.meta.workspace !== workspace) continue;
      sealed.push(event);
      own.push(one);
    }
    const opened = await this.options.open(sealed);
    return opened.map(({ type, meta, data }, i) => {
      const { position, payload } = own[i]!;
      return { type, meta, data, position, weight: payload.length };
    });
  }
}
