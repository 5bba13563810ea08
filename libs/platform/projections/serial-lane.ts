import type { LogPage } from '../event-log/event-log.js';
import type { Lane } from './lane.js';
import type { ProjectionLane } from './projection-lane.js';

/**
 * A projection's lane whose cursor is there before it is asked for, and which writes what it has passed over while
 * nothing comes: one step after another.
 */
export class SerialLane implements Lane {
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly lane: ProjectionLane,
    private readonly cursorIsThere: () => Promise<void>,
  ) {}

  get partition(): string {
    return this.lane.partition;
  }

  get position(): number {
    return this.lane.position;
  }

  get deadLetters(): number {
    return this.lane.deadLetters;
  }

  seek(): Promise<number | null> {
    return this.inTurn(async () => {
      await this.cursorIsThere();
      return this.lane.seek();
    });
  }

  apply(page: LogPage): Promise<void> {
    return this.inTurn(() => this.lane.apply(page));
  }

  flush(): Promise<void> {
    return this.inTurn(() => this.lane.flush());
  }

  diverge(): Promise<void> {
    return this.inTurn(() => this.lane.diverge());
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work, work);
    this.turn = done.catch(() => undefined);
    return done;
  }
}
