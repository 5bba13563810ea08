import type { EventMeta } from '../../../platform/kernel/event.js';
import { type Columns, count, text, time, uuid } from '../../../platform/projections/column.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { ConversationEvent } from '../conversation.events.js';
import { personalJson } from './personal-json.js';
import { redactableRows } from './redactable-rows.js';

type Of<Type> = Extract<ConversationEvent, { type: Type }> & { meta: EventMeta };
type Choice = Of<'message.choice_made'>;

const COLUMNS: Columns<Choice> = {
  conversation: uuid(({ meta }) => meta.stream),
  message_seq: count(({ data }) => data.message_seq),
  seq: count(({ meta }) => meta.seq),
  workspace: uuid(({ meta }) => meta.workspace),
  author_type: text(({ data }) => data.author.type),
  author: text(({ data }) => data.author.id),
  choices: text(({ data }) => personalJson(data.choices)),
  occurred_at: time(({ meta }) => meta.occurred_at),
};

/** What was chosen of what messages offer, kept in the append's own transaction. */
export const messageChoicesProjection: Projection = {
  name: 'choices',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['message_choices'],
  definition: ['libs/domains/conversation/migrations/0013_message_choices.sql'],
  types: ['message.choice_made', 'message.redacted'],
  project: (events, table) => redactableRows(table('message_choices'), COLUMNS, 'choices', events),
};
