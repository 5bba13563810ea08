import { idToBytes } from '../../../platform/kernel/id.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { MOST_COUNTED } from './lane.operations.js';

/** The first row of a lane: what it waits for. */
export interface LaneHead {
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

const MICROSECONDS = '(extract(epoch from due_at) * 1000000)::bigint as due_us';
const LANES = `select *, ${MICROSECONDS} from webhooks.lane_heads($1, $2, $3, $4, $5, ${MOST_COUNTED})`;
const ONE = `
  select run, stream, position, state, attempts, told, due_at, ${MICROSECONDS}, since from webhooks.waiting
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
  return { ...row, stream: row.stream.replaceAll('-', '') };
}
