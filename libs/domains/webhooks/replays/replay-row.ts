import { toId } from '../../../platform/kernel/id.js';
import type { Connection } from '../../../platform/postgres/connection.js';
import { type CompiledFilter, compileFilter } from '../filter/compile-filter.js';
import type { Filter } from '../filter/filter.js';
import { wantedTypes } from '../filter/wanted-types.js';
import type { Selection } from './replay.decider.js';

/** A replay with work left to do. */
export interface Replay {
  id: string;
  workspace: string;
  endpoint: string;
  run: number;
  from: number;
  to: number;
  /** Null for all types. */
  types: ReadonlySet<string> | null;
  /** Null for no condition. */
  filter: CompiledFilter | null;
  only: Selection;
  isCancelled: boolean;
  /** Everything up to here was looked at. */
  position: number;
  due: number;
  passedOver: number;
}

interface ReplayRow {
  id: string;
  workspace: string;
  endpoint: string;
  run: number;
  from_position: number;
  to_position: number;
  types: string[];
  filter: string | null;
  selection: Selection;
  status: string;
  position: number;
  due: number;
  passed_over: number;
}

/** What was on its way as a replay was cancelled may come to wait again: it is looked for so long. */
const CANCELLED_S = 60;
const UNDER_WAY = `
  select r.id, r.workspace, r.endpoint, r.run, r.from_position, r.to_position, r.types, r.filter, r.selection, r.status,
         coalesce(p.position, r.from_position - 1) as position, coalesce(p.due, 0) as due,
         coalesce(p.passed_over, 0) as passed_over
    from webhooks.webhook_replays r left join webhooks.replays_progress p on p.replay = r.id
   where r.status = 'running'
      or (r.status = 'cancelled' and (p.is_taken_back is not true
          or r.ended_at > clock_timestamp() - make_interval(secs => ${CANCELLED_S})))
   order by r.id`;

/** Replays that are running, or of which the queue may have rows that nobody wants any more. */
export async function replaysUnderWay(connection: Pick<Connection, 'query'>): Promise<Replay[]> {
  const { rows } = await connection.query<ReplayRow>({ name: 'replays under way', text: UNDER_WAY });
  return rows.map((row) => ({
    id: toId('rpl', row.id),
    workspace: toId('wsp', row.workspace),
    endpoint: toId('whe', row.endpoint),
    run: row.run,
    from: Number(row.from_position),
    to: Number(row.to_position),
    types: wantedTypes(row.types),
    filter: row.filter === null ? null : compileFilter(JSON.parse(row.filter) as Filter),
    only: row.selection,
    isCancelled: row.status === 'cancelled',
    position: Number(row.position),
    due: Number(row.due),
    passedOver: Number(row.passed_over),
  }));
}
