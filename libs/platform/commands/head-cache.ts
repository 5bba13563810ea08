import type { Head } from './heads.js';

/**
 * Heads in memory, so that a command on a busy stream reads nothing before it is decided. They may be stale: the
 * append compares versions, and a conflict drops the head. Two generations: what was not used while the younger one
 * filled up goes; a use costs one look-up.
 */
export class HeadCache {
  private young = new Map<string, Head>();
  private old = new Map<string, Head>();

  /** Holds `most` heads at least, and twice as many at most. */
  constructor(private readonly most: number) {}

  get(stream: string): Head | undefined {
    const head = this.young.get(stream);
    if (head !== undefined) return head;
    const survivor = this.old.get(stream);
    if (survivor !== undefined) this.set(survivor);
    return survivor;
  }

  set(head: Head): void {
    if (this.young.size >= this.most && !this.young.has(head.stream)) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(head.stream, head);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }

  drop(stream: string): void {
    this.young.delete(stream);
    this.old.delete(stream);
  }
}
