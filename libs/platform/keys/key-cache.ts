import type { DataKey } from './data-key.js';

/**
 * The most recently used data keys, by id and by person. Only keys that are in the database are put here, and no
 * absence is: a person without a key may have one the next moment.
 */
export class KeyCache {
  /** In the order of last use; the first is the next to go. */
  private readonly byId = new Map<string, { dataKey: DataKey; owner: string }>();
  private readonly byOwner = new Map<string, string>();

  /** `most` bounds the entries, at about 600 bytes each. */
  constructor(private readonly most: number) {}

  /** `id` in 32 hex digits. */
  get(id: string): DataKey | undefined {
    const entry = this.byId.get(id);
    if (entry === undefined) return undefined;
    this.byId.delete(id);
    this.byId.set(id, entry);
    return entry.dataKey;
  }

  /** `workspace` in 32 hex digits. */
  of(workspace: string, subject: string): DataKey | undefined {
    const id = this.byOwner.get(workspace + subject);
    return id === undefined ? undefined : this.get(id);
  }

  put(workspace: string, dataKey: DataKey): void {
    const id = dataKey.id.toString('hex');
    const owner = workspace + dataKey.subject;
    this.drop(id);
    this.byId.set(id, { dataKey, owner });
    this.byOwner.set(owner, id);
    if (this.byId.size > this.most) this.drop(this.byId.keys().next().value!);
  }

  drop(id: string): void {
    const entry = this.byId.get(id);
    if (entry === undefined) return;
    this.byId.delete(id);
    this.byOwner.delete(entry.owner);
  }

  clear(): void {
    this.byId.clear();
    this.byOwner.clear();
  }

  get size(): number {
    return this.byId.size;
  }
}
