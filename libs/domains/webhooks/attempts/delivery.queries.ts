import { idToBytes } from '../../../platform/kernel/id.js';
import { ListCursor, notOfThisList } from '../../../platform/reads/list-cursor.js';
import { type PageQuery, toPage } from '../../../platform/reads/page.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import { eventHeads } from '../queue/event-heads.js';
import { requireEndpoint } from './attempt.queries.js';

interface DeliveryRow {
  run: number;
  position: number;
  state: string;
  attempts: number;
  due_at: string | null;
  waiting_since: string | null;
}

const MOST_RUN = 2_147_483_647;
const OF_FRESH = `'fresh' as state, 0 as attempts, null::timestamptz as due_at, null::timestamptz as waiting_since`;
const OF_WAITING = `r.state, r.attempts, case when r.state = 'retry' then r.due_at end as due_at, r.since as waiting_since`;

/** Reads of what endpoints are yet to have; each sees one workspace. */
export class DeliveryQueries {
  constructor(private readonly ports: Pick<ServicePorts, 'reads' | 'feed' | 'writing'>) {}

  /** In the order of runs, and of the log. Throws `not_found`. */
  async list(
    workspace: string,
    endpoint: string,
    state: 'fresh' | 'waiting',
    { limit, cursor }: PageQuery,
  ): Promise<object> {
    const { reads, feed, writing } = this.ports;
    const list = new ListCursor('webhook_deliveries', workspace, { endpoint, state });
    const { run, position } = placeOf(list.decode(cursor, 12));
    await requireEndpoint(reads, workspace, endpoint);
    const { rows } = await reads.query<DeliveryRow>(workspace, {
      name: `page of ${state} deliveries`,
      text: `select r.run, r.position, ${state === 'fresh' ? OF_FRESH : OF_WAITING} from webhooks.${state} r
              where r.endpoint = $1 and (r.run, r.position) > ($2, $3) order by r.run, r.position limit $4`,
      values: [idToBytes(endpoint), run, position, limit + 1],
    });
    const positions = rows.slice(0, limit).map((row) => Number(row.position));
    const heads = await eventHeads(feed, writing.codec, positions);
    const item = (row: DeliveryRow) => {
      const head = heads.get(Number(row.position));
      return {
        event_id: head?.id ?? null,
        type: head?.type ?? null,
        stream: head?.stream ?? null,
        position: Number(row.position),
        run: row.run,
        state: row.state,
        attempts: row.attempts,
        due_at: row.due_at,
        waiting_since: row.waiting_since,
      };
    };
    return toPage(rows, limit, item, (last) => list.encode(keyOf(last)));
  }
}

function keyOf({ run, position }: DeliveryRow): Buffer {
  const key = Buffer.alloc(12);
  key.writeUInt32BE(run);
  key.writeBigInt64BE(BigInt(position), 4);
  return key;
}

function placeOf(key: Buffer | null): { run: number; position: string } {
  if (key === null) return { run: 0, position: '0' };
  const run = key.readUInt32BE();
  if (run > MOST_RUN) throw notOfThisList();
  return { run, position: String(key.readBigInt64BE(4)) };
}
