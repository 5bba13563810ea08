import { idToBytes, toId } from '../../../platform/kernel/id.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { ServicePorts } from '../../../platform/runtime/service-ports.js';
import type { EventFilter } from '../stream/event-filter.js';
import { entriesProjection, SPAN } from './entries.projection.js';
import { type EntryRange, entryQuery } from './entry-query.js';

export interface FoundEntries {
  positions: number[];
  /** Everything up to here, or down to here, was looked at. */
  scannedTo: number;
}

/** So many positions are looked at in one statement, so that none outlasts its patience, however few are meant. */
const WINDOW = 1_000_000;
/** Who asks is answered by then. */
const REACHED_WITHIN_MS = 5000;

/** Where the log has what: reads of the entries of one workspace. */
export class EventIndex {
  constructor(private readonly ports: Pick<ServicePorts, 'reads' | 'follower' | 'feed'>) {}

  /** True once everything up to a position can be found and read; false where that took longer. */
  async reached(position: number, timeoutMs: number): Promise<boolean> {
    const { follower, feed } = this.ports;
    const [indexed, readable] = await Promise.all([
      follower!.waitFor(entriesProjection.name, position, timeoutMs),
      feed.waitFor(position, timeoutMs),
    ]);
    return indexed && readable;
  }

  /** Resolves once it has reached a position. Throws `unavailable` where that takes more than 5 s. */
  async mustReach(position: number): Promise<void> {
    if (await this.reached(position, REACHED_WITHIN_MS)) return;
    throw new Problem('unavailable', 'The index of events is more than 5 s behind. Try again.', { retryAfter: 1 });
  }

  /** A customer with all who were merged into that one. */
  async readAs(workspace: string, customer: string): Promise<readonly string[]> {
    const { rows } = await this.ports.reads.query<{ id: string }>(workspace, {
      name: 'events_merges',
      text: MERGED_INTO,
      values: [idToBytes(customer)],
    });
    return rows.map(({ id }) => toId('cus', id));
  }

  /** The conversations of customers. */
  async conversationsOf(workspace: string, customers: readonly string[]): Promise<string[]> {
    const { rows } = await this.ports.reads.query<{ conversation: string }>(workspace, {
      name: 'events_conversations',
      text: 'select conversation from events.conversation_customers where customer = any ($1::uuid[])',
      values: [customers.map((id) => idToBytes(id).toString('hex'))],
    });
    return rows.map(({ conversation }) => toId('conv', conversation));
  }

  /** The positions of what a filter means, in order. `customers` are `readAs` of its customer. */
  async find(
    workspace: string,
    filter: EventFilter,
    customers: readonly string[],
    range: EntryRange,
  ): Promise<FoundEntries> {
    const positions: number[] = [];
    let { after, upTo } = range;
    while (after < upTo && positions.length < range.limit) {
      const isUp = range.order === 'asc';
      const window = isUp
        ? { after, upTo: Math.min(upTo, after + WINDOW) }
        : { after: Math.max(after, upTo - WINDOW), upTo };
      const limit = range.limit - positions.length;
      const { rows } = await this.ports.reads.query<{ positions: Buffer | null }>(
        workspace,
        entryQuery(workspace, filter, customers, { ...range, ...window, limit }),
      );
      const found = positionsIn(rows[0]!.positions);
      positions.push(...found);
      if (found.length === limit) return { positions, scannedTo: positions.at(-1)! };
      if (isUp) after = window.upTo;
      else upTo = window.after;
    }
    return { positions, scannedTo: range.order === 'asc' ? after : upTo };
  }

  /** The position before the first event that was recorded at a time or later; the end where there is none. */
  async before(workspace: string, time: number, end: number): Promise<number> {
    const { rows } = await this.ports.reads.query<{ position: number | null }>(workspace, {
      name: 'events_since',
      text: `with first as (select span from events.spans where workspace = $1 and last_recorded_at >= $2
                             order by span limit 1)
             select min(e.position) as position from first join events.entries e
                 on e.position between first.span::bigint * ${SPAN} and first.span::bigint * ${SPAN} + ${SPAN - 1}
              where e.workspace = $1 and e.recorded_at >= $2`,
      values: [idToBytes(workspace), new Date(time).toISOString()],
    });
    const position = rows[0]?.position ?? null;
    return position === null ? end : position - 1;
  }

  /** A position that no event which was recorded before a time is beyond. */
  async lastBefore(workspace: string, time: number): Promise<number> {
    const { rows } = await this.ports.reads.query<{ span: number | null }>(workspace, {
      name: 'events_until',
      text: 'select max(span) as span from events.spans where workspace = $1 and first_recorded_at < $2',
      values: [idToBytes(workspace), new Date(time).toISOString()],
    });
    const span = rows[0]?.span ?? null;
    return span === null ? 0 : (span + 1) * SPAN - 1;
  }
}

/** `union` ends where it meets a ring. */
const MERGED_INTO = `
  with recursive joined(id) as (
    select $1::uuid
     union
    select m.customer from joined j join events.merged_customers m on m.into_customer = j.id and m.is_merged
  )
  select id from joined`;

function positionsIn(bytes: Buffer | null): number[] {
  const positions: number[] = [];
  for (let at = 0; bytes !== null && at < bytes.length; at += 8) positions.push(Number(bytes.readBigInt64BE(at)));
  return positions;
}
