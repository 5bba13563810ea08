import { loggedError } from '../../../platform/observability/logged-error.js';
import type { BatchAppend } from './batch-append.js';
import type { PendingBatch } from './pending-batch.js';

/** About so many activities in one transaction, or one batch: everybody who writes waits while it runs. */
const GROUP_ITEMS = 1000;
const GROUPS_UNDER_WAY = 2;
/** After so many lost races a batch is decided while the store's lock is held, and cannot lose. */
const LOSSES_BEFORE_LOCK = 2;

/**
 * Batches until their group begins. Two groups are under way: the second one is prepared once the first one is on its way,
 * and goes after it. Who needs the store's lock is alone. Owns the queue, and knows what is under way; nobody else does.
 */
export class BatchQueue {
  private waiting: PendingBatch[] = [];
  private underWay = 0;
  private isPreparing = false;
  /** Resolves when the group that was sent last has ended, whatever became of it. */
  private lastSent: Promise<void> = Promise.resolve();

  constructor(
    private readonly append: BatchAppend,
    private readonly log: { error(detail: object, message: string): void },
  ) {}

  enqueue(batch: PendingBatch): void {
    this.waiting.push(batch);
    // What comes in the same turn of the loop goes together.
    setImmediate(() => this.go());
  }

  /** Puts batches of a group that is being prepared, or ends, before all others. */
  putFirst(batches: readonly PendingBatch[]): void {
    this.waiting.unshift(...batches);
  }

  private go(): void {
    if (this.isPreparing || this.waiting.length === 0) return;
    const contended = this.waiting[0]!.lost >= LOSSES_BEFORE_LOCK;
    if (this.underWay >= (contended ? 1 : GROUPS_UNDER_WAY)) return;
    const batches = contended ? [this.waiting.shift()!] : this.take();
    this.isPreparing = true;
    const run = contended ? this.append.runUnderLock(batches[0]!) : this.start(batches);
    run
      .catch((error) => {
        this.log.error({ error: loggedError(error) }, 'a group of activities failed outside of its batches');
        for (const batch of batches) batch.reject(error);
      })
      .finally(() => {
        this.isPreparing = false;
        this.go();
      });
  }

  private take(): PendingBatch[] {
    let items = 0;
    let count = 0;
    for (const batch of this.waiting) {
      if (count > 0 && (items + batch.items.length > GROUP_ITEMS || batch.lost >= LOSSES_BEFORE_LOCK)) break;
      items += batch.items.length;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  /** Resolves when the group is on its way, and the next one may be prepared. */
  private async start(batches: readonly PendingBatch[]): Promise<void> {
    const prepared = await this.append.prepare(batches);
    if (prepared === null) return;
    if (prepared.group.decided.length === 0) {
      // Each waits for an id that a group under way is about to record.
      await this.lastSent;
      return;
    }
    this.underWay++;
    this.lastSent = this.append.carryOut(prepared).finally(() => {
      this.underWay--;
      this.go();
    });
  }
}
