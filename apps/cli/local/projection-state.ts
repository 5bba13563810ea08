import type pg from 'pg';
import type { Projection } from '../../../libs/platform/projections/projection.js';
import { Failure } from '../failure.js';

export interface ProjectionRow {
  name: string;
  service: string;
  /** `inline`: in the append's own transaction, so never behind. */
  kept: 'inline' | 'followed';
  /** All events up to it are in. */
  position: number;
  /** Positions between it and the log's end. */
  behind: number;
  dead_letters: number;
  rebuilds: number;
  diverged: boolean;
}

export interface DeadLetterRow {
  projection: string;
  position: number;
  type: string | null;
  event_id: string | null;
  cause: string;
  attempts: number;
  failed_at: string;
}

async function requireStore(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(`select to_regclass('log.events') is not null as there`);
  if (!rows[0]!.there) throw new Failure('The database holds no store yet: start Heddle on it once.');
}

/** Reads as the role that sees every workspace's events; the services' own tables are the administrator's to read. */
async function logEnd(client: pg.Client): Promise<number> {
  await client.query('begin; set local role heddle_log_writer');
  const { rows } = await client.query<{ last: string }>(
    'select coalesce(max(position), 0)::text as last from log.events',
  );
  await client.query('commit');
  return Number(rows[0]!.last);
}

/** How far each read model has got. */
export async function projectionStates(
  client: pg.Client,
  projections: readonly Projection[],
): Promise<ProjectionRow[]> {
  await requireStore(client);
  const end = await logEnd(client);
  const states: ProjectionRow[] = [];
  for (const { name, service, inline } of projections) {
    const { rows } = await client.query<{ next: string; generation: number; diverged: boolean; dead: string }>(
      `select p.next::text, p.generation, p.diverged_at is not null as diverged,
              (select count(*)::text from ${service}.dead_letters d
                where d.projection = $1 and d.redriven_at is null) as dead
         from (select 1) one left join ${service}.projections p on p.name = $1`,
      [name],
    );
    const row = rows[0]!;
    const position = inline ? end : Number(row.next ?? 1) - 1;
    states.push({
      name,
      service,
      kept: inline ? 'inline' : 'followed',
      position,
      behind: Math.max(0, end - position),
      dead_letters: Number(row.dead),
      rebuilds: row.generation ?? 0,
      diverged: row.diverged,
    });
  }
  return states;
}

/** The events that wait, in the order of the log. */
export async function deadLetters(client: pg.Client, projections: readonly Projection[]): Promise<DeadLetterRow[]> {
  await requireStore(client);
  const letters: DeadLetterRow[] = [];
  for (const { name, service } of projections) {
    const { rows } = await client.query<DeadLetterRow>(
      `select projection, position::float8 as position, type, event_id, cause, attempts, failed_at
         from ${service}.dead_letters where projection = $1 and redriven_at is null order by dead_letters.position`,
      [name],
    );
    letters.push(...rows);
  }
  return letters;
}
