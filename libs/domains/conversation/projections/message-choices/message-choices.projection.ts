import type { EventMeta } from '../../../../platform/kernel/event.js';
import { arraysOf, type Columns, count, text, time, unnest, uuid } from '../../../../platform/projections/column.js';
import type { Projection } from '../../../../platform/projections/projection.js';
import type { ConversationEvent } from '../../conversation.events.js';
import { personalJson } from '../messages/personal-json.js';

type Of<Type> = Extract<ConversationEvent, { type: Type }> & { meta: EventMeta };
type Choice = Of<'message.choice_made'>;
type Redaction = Of<'message.redacted'>;

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

const REDACTED_ONES: Columns<Redaction> = {
  conversation: uuid(({ meta }) => meta.stream),
  message_seq: count(({ data }) => data.message_seq),
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
  project(events, table) {
    const target = table('message_choices');
    const choices = (events as readonly (Choice | Redaction)[]).filter((event) => event.type === 'message.choice_made');
    const redactions = (events as readonly (Choice | Redaction)[]).filter((event) => event.type === 'message.redacted');
    return [
      {
        text: `insert into ${target} (${Object.keys(COLUMNS).join(', ')}) select * from ${unnest(COLUMNS)}`,
        values: arraysOf(COLUMNS, choices),
      },
      {
        text: `update ${target} r set choices = null from ${unnest(REDACTED_ONES)}
                where r.conversation = e.conversation and r.message_seq = e.message_seq`,
        values: arraysOf(REDACTED_ONES, redactions),
      },
    ];
  },
};
