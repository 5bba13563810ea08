import type { SqlStatement } from '../postgres/connection.js';
import { StartupError } from '../settings/startup-error.js';

export type LogHome = 'postgres' | 'kafka';

interface Session {
  query(statement: SqlStatement): Promise<{ rows: unknown[] }>;
}

/**
 * Notes where the log is read from now on. It may move to Kafka and not back: the cursors of what follows it are places
 * there by then. Throws StartupError.
 */
export async function moveIn(session: Session, home: LogHome): Promise<void> {
  if (home === 'kafka') {
    await session.query({ text: `update log.home set kind = 'kafka', since = now() where kind <> 'kafka'` });
    return;
  }
  const { rows } = await session.query({ text: 'select kind, since from log.home' });
  const { kind, since } = rows[0] as { kind: LogHome; since: string | Date };
  if (kind === home) return;
  const day = new Date(since).toISOString().slice(0, 10);
  throw new StartupError(
    `The log of this store is on Kafka since ${day}: set KAFKA_BROKERS, and not HEDDLE_LOG=postgres.`,
  );
}
