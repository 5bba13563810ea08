import type pg from 'pg';
import type { EventLog, LogPartition } from '../../../libs/platform/event-log/event-log.js';
import { endsOf, sumOf } from '../../../libs/platform/projections/places.js';
import type { Projection } from '../../../libs/platform/projections/projection.js';
import { Failure } from '../failure.js';

export interface ProjectionRow {
  name: string;
  service: string;
  /** `inline`: in the append's own transaction, so never behind. */
  kept: 'inline' | 'followed';
  /** All events up to it are in; null on Kafka, where each partition has a place of its own. */
  position: number | null;
  /** Positions between it and the log's end. */
  behind: number;
  dead_letters: number;
  rebuilds: number;
  diverged: boolean;
}

export interface DeadLetterRow {
  projection: string;
  partition: string;
  position: number;
  type: string | null;
  event_id: string | null;
  cause: string;
  attempts: number;
  failed_at: string;
}

/** A read model of a domain's, or the feed. */
export type ReadModel = Pick<Projection, 'name' | 'service' | 'inline' | 'types'>;

async function requireStore(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('log.events') is not null as there`);
  if (!rows[0]!.there) throw new Failure('The database holds no store yet: start Heddle on it once.');
}

/** How far each read model has got: inline ones in the store, the others in the log that they follow. */
export async function projectionStates(
  client: pg.Client,
  projections: readonly ReadModel[],
  store: LogPartition,
  log: EventLog,
): Promise<ProjectionRow[]> {
  await requireStore(client);
  const states: ProjectionRow[] = [];
  for (const { name, service, inline, types } of projections) {
    const partitions = inline ? [store] : await log.partitionsOf(types);
    const end = sumOf(await endsOf(partitions));
    const { rows } = await client.query<{
      reached: string;
      generation: number | null;
      diverged: boolean | null;
      dead: string;
    }>(
      `select coalesce(sum(p.next - 1), 0)::text as reached, max(p.generation) as generation,
              bool_or(p.diverged_at is not null) as diverged,
              (select count(*)::text from ${service}.dead_letters d
                where d.projection = $1 and d.redriven_at is null) as dead
         from ${service}.projections p where p.name = $1 and p.partition = any ($2::text[])`,
      [name, partitions.map((partition) => partition.name)],
    );
    const row = rows[0]!;
    const reached = inline ? end : Number(row.reached);
    states.push({
      name,
      service,
      kept: inline ? 'inline' : 'followed',
      position: partitions.length === 1 ? reached : null,
      behind: Math.max(0, end - reached),
      dead_letters: Number(row.dead),
      rebuilds: row.generation ?? 0,
      diverged: row.diverged ?? false,
    });
  }
  return states;
}

/** The events that wait, in the order of the log. */
export async function deadLetters(client: pg.Client, projections: readonly ReadModel[]): Promise<DeadLetterRow[]> {
  await requireStore(client);
  const letters: DeadLetterRow[] = [];
  for (const { name, service } of projections) {
    const { rows } = await client.query<DeadLetterRow>(
      `select projection, partition, position::float8 as position, type, event_id, cause, attempts, failed_at
         from ${service}.dead_letters where projection = $1 and redriven_at is null order by dead_letters.partition, dead_letters.position`,
      [name],
    );
    letters.push(...rows);
  }
  return letters;
}
