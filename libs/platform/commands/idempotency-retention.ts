import type { Connection } from '../postgres/connection.js';

const EVERY_MS = 10 * 60 * 1000;
const AT_ONCE = 2000;

/** At least 24 hours, as the API promises; an hour more, so that nobody's clock matters. */
const KEPT = '25 hours';

/**
 * Forgets old answers a few at a time, beside the appends. Any number of processes may: each takes rows that no other
 * has locked.
 */
export class IdempotencyRetention {
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly connection: Connection) {}

  start(): void {
    this.timer = setInterval(() => void this.sweep().catch(() => undefined), EVERY_MS);
    this.timer.unref();
  }

  /** Resolves with how many answers were forgotten. */
  async sweep(kept = KEPT): Promise<number> {
    let total = 0;
    while (!this.closed) {
      const { rowCount } = await this.connection.query({
        text: `delete from log.idempotency where key in (
                 select key from log.idempotency where stored_at < now() - $1::interval
                  limit ${AT_ONCE} for update skip locked)`,
        values: [kept],
      });
      total += rowCount ?? 0;
      if ((rowCount ?? 0) < AT_ONCE) break;
    }
    return total;
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }
}
