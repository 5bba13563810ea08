import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { partyOf } from '../../../platform/kernel/party.js';
import { ListCursor } from '../../../platform/reads/list-cursor.js';
import { type PageQuery, toPage } from '../../../platform/reads/page.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';

interface LoadRow {
  assignee_type: string;
  assignee: string;
  open: number;
}

/** Who has how many open conversations, in the order of their ids: counted when it is asked for, from what is open now. */
export async function workloadOf(
  reads: ReadPool,
  workspace: string,
  { assignee, limit, cursor }: PageQuery & { assignee?: string | undefined },
): Promise<object> {
  const list = new ListCursor('workload', workspace, { assignee });
  const after = list.decode(cursor, 16);
  const values: unknown[] = [idToBytes(workspace), limit + 1];
  const add = (condition: string, value: unknown) => ` and ${condition} $${values.push(value)}`;
  const narrowed =
    (assignee === undefined ? '' : add('assignee =', idToBytes(assignee))) +
    (after === null ? '' : add('assignee >', after));
  const { rows } = await reads.query<LoadRow>(workspace, {
    text: `select assignee_type, assignee, count(*)::integer as open from conversation.conversations
            where workspace = $1 and status = 'open' and assignee is not null${narrowed}
            group by assignee, assignee_type order by assignee limit $2`,
    values,
  });
  const shown = ({ assignee_type: type, assignee: id, open }: LoadRow) => ({ assignee: partyOf(type, id), open });
  return toPage(rows, limit, shown, (last) => list.encode(idToBytes(toId('usr', last.assignee))));
}
