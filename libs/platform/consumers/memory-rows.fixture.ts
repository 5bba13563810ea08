import { setTimeout as sleep } from 'node:timers/promises';
import { NO_FINGERPRINT } from '../event-codec/codec-errors.js';
import type { LogPage } from '../event-log/event-log.js';
import type { Lane } from '../projections/lane.js';

/** A database of a projection in memory: the cursors, and what was applied, in order of its commit. */
export class MemoryRows {
  readonly cursors = new Map<string, number>();
  readonly applied = new Map<string, number[]>();
  readonly setAside: { position: number; cause: string }[] = [];
  readonly diverged = new Map<string, number>();
  readonly appliedAt = new Map<string, number>();
  /** Every call fails as it does while Postgres is away. */
  isAway = false;
  /** Every page fails with this. */
  failure: Error | null = null;
  /** How long a transaction takes. */
  commitMs = 0;
  /** How long it takes to read a cursor. */
  seekMs = 0;
  overtaken = 0;

  /** One member's way to the rows of a partition. */
  lane(partition: string): Lane {
    return new MemoryLane(partition, this);
  }

  /** The positions that were applied, of all partitions. */
  get count(): number {
    return [...this.applied.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Those that were applied twice, or after a later one. */
  get disorder(): string[] {
    return [...this.applied].flatMap(([partition, positions]) =>
      positions.flatMap((position, n) => (n > 0 && position <= positions[n - 1]! ? [`${partition}:${position}`] : [])),
    );
  }
}

class MemoryLane implements Lane {
  position = 0;

  constructor(
    readonly partition: string,
    private readonly rows: MemoryRows,
  ) {}

  async seek(): Promise<number | null> {
    if (this.rows.seekMs > 0) await sleep(this.rows.seekMs);
    this.check();
    if (this.rows.diverged.has(this.partition)) return null;
    this.position = this.rows.cursors.get(this.partition) ?? 0;
    return this.position;
  }

  async apply({ events, scannedTo }: LogPage): Promise<void> {
    const { rows, partition } = this;
    if (rows.commitMs > 0) await sleep(rows.commitMs);
    this.check();
    if (rows.failure !== null) throw rows.failure;
    if ((rows.cursors.get(partition) ?? 0) !== this.position || rows.diverged.has(partition)) {
      rows.overtaken++;
      throw Object.assign(new Error('overtaken'), { code: 'HD002' });
    }
    const applied = rows.applied.get(partition) ?? [];
    rows.applied.set(partition, applied);
    for (const { position, fingerprint, payload } of events) {
      if (fingerprint.equals(NO_FINGERPRINT)) rows.setAside.push({ position, cause: payload.toString() });
      else {
        applied.push(position);
        rows.appliedAt.set(payload.toString(), performance.now());
      }
    }
    rows.cursors.set(partition, scannedTo);
    this.position = scannedTo;
  }

  async diverge(end: number): Promise<void> {
    this.rows.diverged.set(this.partition, end);
  }

  private check(): void {
    if (this.rows.isAway) throw Object.assign(new Error('Connection refused'), { code: 'ECONNREFUSED' });
  }
}
