import type { EventMeta } from '../../../platform/kernel/event.js';
import { type Columns, count, text, time, uuid } from '../../../platform/projections/column.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { ConversationEvent } from '../conversation.events.js';
import { redactableRows } from './redactable-rows.js';

type Of<Type> = Extract<ConversationEvent, { type: Type }> & { meta: EventMeta };
type Receipt = Of<'message.delivered'> | Of<'message.read'> | Of<'message.delivery_failed'>;

const COLUMNS: Columns<Receipt> = {
  conversation: uuid(({ meta }) => meta.stream),
  message_seq: count(({ data }) => data.message_seq),
  seq: count(({ meta }) => meta.seq),
  workspace: uuid(({ meta }) => meta.workspace),
  type: text(({ type }) => TYPES[type]),
  channel: text(({ data }) => data.channel),
  reader_type: text((receipt) => (receipt.type === 'message.read' ? receipt.data.reader.type : null)),
  reader: text((receipt) => (receipt.type === 'message.read' ? receipt.data.reader.id : null)),
  code: text((receipt) => (receipt.type === 'message.delivery_failed' ? receipt.data.code : null)),
  detail: text((receipt) => (receipt.type === 'message.delivery_failed' ? receipt.data.detail : null)),
  occurred_at: time(({ meta }) => meta.occurred_at),
};

const TYPES = {
  'message.delivered': 'delivered',
  'message.read': 'read',
  'message.delivery_failed': 'failed',
} as const;

/** What channels said of messages that they carried, kept in the append's own transaction. */
export const messageReceiptsProjection: Projection = {
  name: 'receipts',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['message_receipts'],
  definition: ['libs/domains/conversation/migrations/0012_message_receipts.sql'],
  types: ['message.delivered', 'message.read', 'message.delivery_failed', 'message.redacted'],
  project: (events, table) => redactableRows(table('message_receipts'), COLUMNS, 'detail', events),
};
