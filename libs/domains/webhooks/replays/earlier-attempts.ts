import { idToBytes } from '../../../platform/kernel/id.js';
import { idArray, int8Array, textArray } from '../../../platform/postgres/binary-array.js';
import type { Connection } from '../../../platform/postgres/connection.js';
import type { Selection } from './replay.decider.js';

/** What became of an event at an endpoint, as far as that is still known. */
export type Fate = 'never_attempted' | 'waiting' | 'taken' | 'failed';

interface Place {
  id: string;
  position: number;
}

interface FateRow {
  position: number;
  waits: boolean;
  /** Null where no attempt is kept. */
  taken: boolean | null;
  /** It became a dead letter, and whether one of these waits for somebody. */
  is_letter: boolean;
  is_open_letter: boolean;
}

const RUNS = (name: string, table: string) => `
  ${name} as (
    (select run from webhooks.${table} where endpoint = $1 order by run limit 1)
    union all
    select n.run from ${name} r cross join lateral (
      select run from webhooks.${table} t where t.endpoint = $1 and t.run > r.run order by t.run limit 1) n
  )`;
/** Ids of dead letters begin with the event's position. */
const FATES = `
  with recursive ${RUNS('fresh_runs', 'fresh')}, ${RUNS('waiting_runs', 'waiting')}
  select p.position,
         exists (select from fresh_runs r join webhooks.fresh f
                     on f.endpoint = $1 and f.run = r.run and f.position = p.position)
         or exists (select from waiting_runs r join webhooks.waiting w
                        on w.endpoint = $1 and w.run = r.run and w.position = p.position
                     where w.state <> 'given_up') as waits,
         (select bool_or(a.taken) from webhooks.attempts a where a.event = p.event and a.endpoint = $1) as taken,
         l.is_letter, l.is_open_letter
    from unnest($2::bigint[], $3::uuid[], $4::text[]) p(position, event, prefix)
   cross join lateral (
     select count(*) > 0 as is_letter, count(*) filter (where redriven_run is null) > 0 as is_open_letter
       from webhooks.webhook_dead_letters d
      where d.endpoint = $1 and d.id between (p.prefix || repeat('0', 20))::uuid and (p.prefix || repeat('f', 20))::uuid) l`;

/** What became of events at an endpoint, by their positions. Attempts are kept for a time only: after it only dead letters are known. */
export async function fatesOf(
  connection: Pick<Connection, 'query'>,
  endpoint: string,
  places: readonly Place[],
): Promise<Map<number, Fate>> {
  const { rows } = await connection.query<FateRow>({
    name: 'fates of events',
    text: FATES,
    values: [
      idToBytes(endpoint),
      int8Array(places.map(({ position }) => position)),
      idArray(places.map(({ id }) => id)),
      textArray(places.map(({ position }) => position.toString(16).padStart(12, '0'))),
    ],
  });
  return new Map(rows.map((row) => [Number(row.position), fateOf(row)]));
}

function fateOf({ waits, taken, is_letter, is_open_letter }: FateRow): Fate {
  if (waits) return 'waiting';
  if (taken === true) return 'taken';
  if (is_open_letter || taken === false) return 'failed';
  // It was sent again, and did not fail then.
  return is_letter ? 'taken' : 'never_attempted';
}

/** Whether an event of a fate is sent by a replay. */
export function isMeant(only: Selection, fate: Fate): boolean {
  return only === 'all' || fate === only;
}
