import { idToBytes, toId } from '../../../platform/kernel/id.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { MOST_COUNTED } from './lane.operations.js';

/** The first row of a lane: what it waits for. */
export interface LaneHead {
  workspace: string;
  run: number;
  /** Of the stream's id, in hex. */
  stream: string;
  position: number;
  state: 'retry' | 'parked' | 'behind';
  attempts: number;
  told: boolean;
  due_at: string;
  /** The same, µs. */
  due_us: number;
  since: string;
}

export interface WaitingLaneRow extends LaneHead {
  behind: number;
}

const COLUMNS = `workspace, run, stream, position, state, attempts, told, due_at,
  (extract(epoch from due_at) * 1000000)::bigint as due_us, since`;
const FIRST = 'order by run, stream, position limit 1';
/** From lane to lane by the first row of each, however many wait behind it. */
const LANES = `
  with recursive lanes as (
    (select ${COLUMNS} from webhooks.waiting
      where endpoint = $1 and (run, stream) > ($2::integer, $3::uuid) and state <> 'given_up' ${FIRST})
    union all
    select n.* from lanes l cross join lateral (
      select ${COLUMNS} from webhooks.waiting
       where endpoint = $1 and (run, stream) > (l.run, l.stream) and state <> 'given_up' ${FIRST}) n
  ), page as (
    select * from lanes where $4::text is null or state = $4 limit $5
  )
  select page.*, b.behind from page cross join lateral (
    select count(*)::integer as behind from (
      select from webhooks.waiting w
       where w.endpoint = $1 and w.run = page.run and w.stream = page.stream and w.position > page.position
         and w.state <> 'given_up' limit ${MOST_COUNTED}) counted) b
   order by page.run, page.stream`;
const ONE = `
  select ${COLUMNS} from webhooks.waiting
   where endpoint = $1 and run = $2 and stream = $3 and state <> 'given_up' order by position limit 1`;

/** Reads of lanes from the queue's rows; each sees one workspace. */
export class LaneQueries {
  constructor(private readonly reads: ReadPool) {}

  /** In the order of runs and streams, after a place. */
  async after(
    workspace: string,
    endpoint: string,
    place: { run: number; stream: string } | null,
    state: LaneHead['state'] | null,
    limit: number,
  ): Promise<WaitingLaneRow[]> {
    const { run, stream } = place ?? { run: -1, stream: '0'.repeat(32) };
    const { rows } = await this.reads.slowly<WaitingLaneRow>(workspace, {
      name: 'lanes_of_webhook_endpoint',
      text: LANES,
      values: [idToBytes(endpoint), run, stream, state, limit],
    });
    return rows.map(laneOf);
  }

  async one(workspace: string, endpoint: string, run: number, stream: string): Promise<LaneHead | null> {
    const { rows } = await this.reads.query<LaneHead>(workspace, {
      name: 'one_lane_of_webhook_endpoint',
      text: ONE,
      values: [idToBytes(endpoint), run, idToBytes(stream)],
    });
    return rows.map(laneOf)[0] ?? null;
  }
}

function laneOf<Row extends LaneHead>(row: Row): Row {
  return { ...row, workspace: toId('wsp', row.workspace), stream: row.stream.replaceAll('-', '') };
}
