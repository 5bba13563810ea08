import { idToBytes, toId } from '../../../platform/kernel/id.js';
import type { Past } from '../../../platform/past/past-query.js';
import type { ReadPool } from '../../../platform/reads/read-pool.js';
import { joinedCustomers } from '../customers/joined-customers.js';

/** Where an activity stands among others: by when it happened, and by its place in the log where that is the same. */
export interface ActivityPlace {
  /** ms since 1970. */
  occurredAt: number;
  position: number;
}

/** An activity that a timeline may show, before it is read. */
export interface FoundActivity extends ActivityPlace {
  /** What it weighs on the log. */
  bytes: number;
}

interface Row {
  position: number;
  occurred_ms: number;
  bytes: number;
}

const AFTER = `
  select a.position, (extract(epoch from a.occurred_at) * 1000)::bigint as occurred_ms, octet_length(e.payload) as bytes
    from conversation.activities a join log.events e on e.position = a.position
   where a.subject = any ($1::uuid[]) and (a.occurred_at, a.position) > ($2::timestamptz, $3::bigint)
     and ($4::timestamptz is null or a.occurred_at <= $4)
     and ($5::timestamptz is null or a.recorded_at <= $5)
     and ($6::integer is null
          or a.position <= (select position from log.events where stream = $7::uuid and seq = $6))
   order by a.occurred_at, a.position limit $8`;

/** What a workspace's own systems told of a conversation, and of the customer whom it is with. */
export class CustomerActivities {
  constructor(private readonly reads: ReadPool) {}

  /**
   * The next ones after a place, in the order of when they happened; with those of all who are read as the same customer
   * now. In a past that is named by a `seq` are those that had been recorded then.
   */
  async after(
    workspace: string,
    conversation: string,
    past: Past | null,
    { occurredAt, position }: ActivityPlace,
    limit: number,
  ): Promise<FoundActivity[]> {
    const subjects = [conversation, ...(await this.customersOf(workspace, conversation))];
    const timeOf = (kind: 'at' | 'recorded_at') => (past?.kind === kind ? new Date(past.time).toISOString() : null);
    const { rows } = await this.reads.query<Row>(workspace, {
      name: 'activities_after',
      text: AFTER,
      values: [
        subjects.map((id) => idToBytes(id).toString('hex')),
        new Date(occurredAt).toISOString(),
        position,
        timeOf('at'),
        timeOf('recorded_at'),
        past?.kind === 'seq' ? past.seq : null,
        idToBytes(conversation),
        limit,
      ],
    });
    return rows.map(({ occurred_ms, ...row }) => ({
      position: Number(row.position),
      occurredAt: Number(occurred_ms),
      bytes: row.bytes,
    }));
  }

  private async customersOf(workspace: string, conversation: string): Promise<readonly string[]> {
    const { rows } = await this.reads.query<{ customer: string }>(workspace, {
      name: 'customer_of_conversation',
      text: 'select customer from conversation.conversations where conversation = $1',
      values: [idToBytes(conversation)],
    });
    if (rows[0] === undefined) return [];
    const { ids } = await joinedCustomers(this.reads, workspace, toId('cus', rows[0].customer));
    return ids;
  }
}
