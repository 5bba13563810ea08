import type { SqlStatement } from '../postgres/connection.js';
import { TAKE_APPEND_LOCK } from './append-lock.js';

/** One life of the store: positions past the next one's `forkPosition` belong to a history that was undone. */
export interface Epoch {
  epoch: number;
  forkPosition: number;
}

export interface StoreIdentity {
  /** The store's uuid in 32 hex digits; a restore keeps it. */
  id: string;
  /** All lives, oldest first; the last is the present one. */
  epochs: readonly Epoch[];
  /**
   * The log is on Kafka, the store has been put back to an earlier moment, and nobody has seen yet whether Kafka goes on
   * where the store ends: an append now could give a position that Kafka has given already.
   */
  awaitsKafka: boolean;
}

interface Session {
  query(statement: SqlStatement): Promise<{ rows: unknown[] }>;
}

/**
 * Reads who the store is and which life it is in. A cluster that is not the one that began the last epoch (another
 * system identifier, after a restore into a new cluster; another timeline, after a failover or a point-in-time
 * recovery) begins a new one, whose fork is the last position that is there. Runs under the append's own lock.
 */
export async function identifyStore(session: Session): Promise<StoreIdentity> {
  await session.query({ text: 'begin' });
  try {
    await session.query({ text: TAKE_APPEND_LOCK });
    await session.query({
      text: 'insert into log.store (id) values (gen_random_uuid()) on conflict do nothing',
    });
    await session.query({ text: NEW_EPOCH });
    const store = await session.query({ text: 'select id from log.store' });
    const epochs = await session.query({
      text: 'select epoch, fork_position as "forkPosition" from log.epochs order by epoch',
    });
    const awaited = await session.query({ text: AWAITS_KAFKA });
    await session.query({ text: 'commit' });
    const { id } = store.rows[0] as { id: string };
    const lives = (epochs.rows as Epoch[]).map(({ epoch, forkPosition }) => ({
      epoch,
      // A bigint comes as text where a session reads it so.
      forkPosition: Number(forkPosition),
    }));
    const { awaits } = awaited.rows[0] as { awaits: boolean };
    return { id: id.replaceAll('-', ''), epochs: lives, awaitsKafka: awaits };
  } catch (error) {
    await session.query({ text: 'rollback' }).catch(() => undefined);
    throw error;
  }
}

/** A store in its first life has lost nothing. */
const AWAITS_KAFKA = `
select exists (select from log.home where kind = 'kafka')
       and exists (select from log.epochs
                    where epoch = (select max(epoch) from log.epochs) and epoch > 1 and confirmed_at is null) as awaits`;

const NEW_EPOCH = `
with cluster as (
  select (select system_identifier::text from pg_control_system()) as system_identifier,
         -- The control file says the old one until the first checkpoint after a promotion.
         ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer as timeline
), last as (
  select epoch, system_identifier, timeline from log.epochs order by epoch desc limit 1
)
insert into log.epochs (epoch, fork_position, system_identifier, timeline)
select coalesce((select epoch from last), 0) + 1, coalesce((select max(position) from log.events), 0),
       system_identifier, timeline
  from cluster
 where not exists (select from last where last.system_identifier = cluster.system_identifier
                                      and last.timeline = cluster.timeline)`;
