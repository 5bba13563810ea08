import type { LogPage, LogPartition, StoredEvent } from '../event-log/event-log.js';
import { Batch, type BatchTarget } from './batch.js';
import type { Fold } from './fold.js';
import type { Projection } from './projection.js';

/** Folding 10,000 events at once writes a conversation's row once for all its events among them. */
const PAGE = 10_000;
const SPAN = 200_000;

export interface ReplaySource {
  projection: Projection;
  fold: Fold;
}

interface Page {
  batch: Batch;
  scannedTo: number;
}

/**
 * Applies the events of a partition after one position up to another. While the statements of one page run, the next one is decoded
 * and folded, and the one after it is read. Positions in `leaveOut` are passed over. Returns how many events the
 * batches held.
 */
export async function replay(
  source: ReplaySource,
  partition: LogPartition,
  target: BatchTarget,
  after: number,
  upTo: number,
  leaveOut: (event: StoredEvent) => boolean = () => false,
  onPage: (reached: number, events: number) => void = () => undefined,
): Promise<number> {
  if (after >= upTo) return 0;
  const pages = new PagesAhead(source, partition, target, after, upTo, leaveOut);
  let events = 0;
  for (let coming = pages.next(); ; ) {
    const { batch, scannedTo } = await coming;
    const written = batch.size === 0 ? Promise.resolve() : batch.applyTo(target);
    if (scannedTo < upTo) coming = heard(pages.next());
    await written;
    events += batch.size;
    onPage(scannedTo, events);
    if (scannedTo >= upTo) return events;
  }
}

/** Pages in order, each with its statements made; asking for one sets the read of the next going. */
class PagesAhead {
  private reading: Promise<LogPage>;

  constructor(
    private readonly source: ReplaySource,
    private readonly partition: LogPartition,
    private readonly target: BatchTarget,
    private reached: number,
    private readonly upTo: number,
    private readonly leaveOut: (event: StoredEvent) => boolean,
  ) {
    this.reading = this.read();
  }

  async next(): Promise<Page> {
    const page = await this.reading;
    if (page.scannedTo <= this.reached) {
      throw new Error(`${this.partition.name} ends at ${this.reached}, before ${this.upTo}.`);
    }
    this.reached = page.scannedTo;
    if (page.scannedTo < this.upTo) this.reading = heard(this.read());
    const events = page.events.filter((event) => !this.leaveOut(event));
    const batch = new Batch(this.source.fold, events, page.scannedTo);
    return { batch: batch.size === 0 ? batch : await batch.prepare(this.target.table), scannedTo: page.scannedTo };
  }

  private read(): Promise<LogPage> {
    const { whole, types } = this.source.projection;
    const upTo = Math.min(this.upTo, this.reached + SPAN);
    return this.partition.read(this.reached, { limit: PAGE, upTo, ...(whole === true ? {} : { types }) });
  }
}

/** Whichever step fails first is thrown; what was begun ahead of it must not end the process when it fails too. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
