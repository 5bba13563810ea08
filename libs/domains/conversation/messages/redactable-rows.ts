import type { EventMeta } from '../../../platform/kernel/event.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, count, unnest, uuid } from '../../../platform/projections/column.js';
import type { ProjectedEvent } from '../../../platform/projections/projection.js';
import type { ConversationEvent } from '../conversation.events.js';

type Redaction = Extract<ConversationEvent, { type: 'message.redacted' }> & { meta: EventMeta };

const REDACTED_ONES: Columns<Redaction> = {
  conversation: uuid(({ meta }) => meta.stream),
  message_seq: count(({ data }) => data.message_seq),
};

/**
 * The statements of a table with a row for each event about a message, of which one column is emptied once the message is
 * redacted: at most an insert and an update.
 */
export function redactableRows<Row extends ProjectedEvent>(
  target: string,
  columns: Columns<Row>,
  emptied: string,
  events: readonly ProjectedEvent[],
): SqlStatement[] {
  const isRedaction = ({ type }: ProjectedEvent) => type === 'message.redacted';
  const rows = events.filter((event) => !isRedaction(event)) as Row[];
  const redactions = events.filter(isRedaction) as unknown as Redaction[];
  const insert = {
    text: `insert into ${target} (${Object.keys(columns).join(', ')}) select * from ${unnest(columns)}`,
    values: arraysOf(columns, rows),
  };
  const update = {
    text: `update ${target} r set ${emptied} = null from ${unnest(REDACTED_ONES)}
            where r.conversation = e.conversation and r.message_seq = e.message_seq`,
    values: arraysOf(REDACTED_ONES, redactions),
  };
  return [...(rows.length > 0 ? [insert] : []), ...(redactions.length > 0 ? [update] : [])];
}
