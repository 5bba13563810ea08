import type { SqlStatement } from '../postgres/connection.js';
import { StartupError } from '../settings/startup-error.js';

export type LogHome = 'postgres' | 'kafka';

interface Session {
  query(statement: SqlStatement): Promise<{ rows: unknown[] }>;
}

/**
 * A store that was put back at some time, and of which no relay knows whether Kafka goes on where it ends, begins a new
 * life with the move: then also a process that still keeps the log embedded takes no appends before that is known.
 */
const MOVE_TO_KAFKA = `
with moved as (
  update log.home set kind = 'kafka', since = now() where kind <> 'kafka' returning true
), last as (
  select epoch, system_identifier, timeline, confirmed_at from log.epochs order by epoch desc limit 1
)
insert into log.epochs (epoch, fork_position, system_identifier, timeline)
select last.epoch + 1, (select coalesce(max(position), 0) from log.events), last.system_identifier, last.timeline
  from last, moved where last.epoch > 1 and last.confirmed_at is null`;

/**
 * Notes where the log is read from now on. It may move to Kafka and not back: the cursors of what follows it are places
 * there by then. Throws StartupError.
 */
export async function moveIn(session: Session, home: LogHome): Promise<void> {
  if (home === 'kafka') {
    await session.query({ text: MOVE_TO_KAFKA });
    return;
  }
  const { kind, since } = await readHome(session);
  if (kind !== home) throw needsKafka(since);
}

/** Where the log is read, and since when. */
export async function readHome(session: Session): Promise<{ kind: LogHome; since: Date }> {
  const { rows } = await session.query({ text: 'select kind, since from log.home' });
  const { kind, since } = rows[0] as { kind: LogHome; since: string | Date };
  return { kind, since: new Date(since) };
}

/** What is said of settings without Kafka, where the log is there. */
export function needsKafka(since: Date): StartupError {
  const day = since.toISOString().slice(0, 10);
  return new StartupError(
    `The log of this store is on Kafka since ${day}: set KAFKA_BROKERS, and not HEDDLE_LOG=postgres.`,
  );
}
