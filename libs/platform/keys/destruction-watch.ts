import type { KeyDatabase } from './key-database.js';

/** Ids in 32 hex digits: data keys, and whole workspaces. */
type Forget = (dataKeys: readonly string[], workspaces: readonly string[]) => void;

/**
 * Learns which keys other processes destroyed, or may not open all events any more. Destructions are numbered in the order they become visible
 * (`keys.destructions`), so asking for those after the last number seen misses none.
 */
export class DestructionWatch {
  /** Counts what was forgotten: who read keys and finds it moved read before a destruction, perhaps of that key. */
  changes = 0;
  private seen: number | null = null;
  private askedAt = Number.NEGATIVE_INFINITY;
  private asking: Promise<void> | null = null;

  constructor(
    private readonly freshFor: number,
    private readonly forget: Forget,
  ) {}

  /**
   * Returns when everything destroyed up to `freshFor` ago is forgotten. From half that age on it asks beside the
   * caller, who then does not wait; with the database away it rejects only when the answer is too old.
   */
  catchUp(db: KeyDatabase): Promise<void> | undefined {
    const age = performance.now() - this.askedAt;
    if (age < this.freshFor / 2) return undefined;
    this.asking ??= this.ask(db).finally(() => {
      this.asking = null;
    });
    // Whoever does not wait must not die of the answer.
    this.asking.catch(() => undefined);
    return age >= this.freshFor ? this.asking : undefined;
  }

  /** For another store, whose destructions are numbered anew; nothing of the old one may be in the cache. */
  startAgain(): void {
    this.changes++;
    this.seen = null;
    this.askedAt = Number.NEGATIVE_INFINITY;
  }

  /** Forgets what this process destroyed itself. */
  happened(dataKeys: readonly string[], workspaces: readonly string[]): void {
    this.changes++;
    this.forget(dataKeys, workspaces);
  }

  private async ask(db: KeyDatabase): Promise<void> {
    const asked = performance.now();
    if (this.seen === null) {
      // Nothing is cached before the first answer, so there is nothing to forget.
      const { rows } = await db.query({ text: 'select latest from keys.destructions' });
      this.seen = Number(rows[0]!.latest);
    } else {
      const { rows } = await db.query({
        name: 'keys.destroyed_since',
        text: `select id, null as workspace, destruction from keys.data_keys where destruction > $1
               union all
               select null, workspace, destruction from keys.workspace_keys where destruction > $1
               union all
               select key, null, destruction from keys.withheld where destruction > $1`,
        values: [this.seen],
      });
      if (rows.length > 0) {
        const hex = (column: string) =>
          rows.filter((row) => row[column] !== null).map((row) => (row[column] as string).replaceAll('-', ''));
        this.happened(hex('id'), hex('workspace'));
        for (const row of rows) this.seen = Math.max(this.seen, Number(row.destruction));
      }
    }
    this.askedAt = asked;
  }
}
