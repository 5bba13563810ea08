import { getHeapStatistics } from 'node:v8';

/** One for whom bytes wait: a reader, or a connection of several. */
export interface Holder {
  /** Bytes that wait for it now; 0 where it is closed. */
  readonly held: number;
  close(reason: 'slow_reader'): void;
}

/** Of the heap that the process may have: what waits lies partly there and partly beside it. */
const PART_OF_HEAP = 4;

/**
 * What waits for all readers of a process together. Each of them has a bound of its own; ten thousand that take nothing
 * would fill the memory all the same. Bytes that several are given count for each.
 */
export class HeldBytes {
  private readonly holders = new Set<Holder>();

  constructor(private readonly most = Math.floor(getHeapStatistics().heap_size_limit / PART_OF_HEAP)) {}

  get bytes(): number {
    let bytes = 0;
    for (const { held } of this.holders) bytes += held;
    return bytes;
  }

  /** Counts it from now on, until what is answered is called. */
  add(holder: Holder): () => void {
    this.holders.add(holder);
    return () => this.holders.delete(holder);
  }

  /** Where more waits than may, closes those that hold the most, until what waits for the others is within the bound. */
  bound(): void {
    let left = this.bytes;
    if (left <= this.most) return;
    const holding = [...this.holders].map((holder) => ({ holder, held: holder.held }));
    holding.sort((a, b) => b.held - a.held);
    for (const { holder, held } of holding) {
      if (left <= this.most) return;
      holder.close('slow_reader');
      left -= held;
    }
  }
}
