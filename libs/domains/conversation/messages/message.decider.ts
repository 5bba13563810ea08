import { isRefusal, type Refusal, refuse, stale } from '../../../platform/kernel/decider.js';
import { fieldEvents } from '../../../platform/kernel/fields/held-fields.js';
import type { ConversationEvent } from '../conversation.events.js';
import type { ConversationState } from '../conversation.state.js';
import type {
  ChangeMessageFields,
  KnownMessage,
  MakeChoice,
  MessageCommand,
  ReactToMessage,
  TakeReceipt,
} from './message.commands.js';

/** Of its edits, and of what else is withheld with it: choices, failed deliveries, personal values of custom fields. */
const MOST_LATER = 500;
const MOST_REACTIONS = 200;
const MOST_RECEIPTS = 1000;
const MOST_CHOICES = 200;
/** A message and all that was chosen of it is one item of a page. */
const MOST_CHOICE_BYTES = 1024 * 1024;

/** What a message's edit, redaction, reaction, receipt, choice or change of custom fields comes to. */
export function decideOnMessage(command: MessageCommand, state: ConversationState): ConversationEvent[] | Refusal {
  if (restsOnReading(command) && command.contentRevision !== state.contentRevision) return stale();
  const { message } = command;
  const place = { message_id: message.id, message_seq: message.seq };
  switch (command.type) {
    case 'edit': {
      const { text, blocks } = command.content;
      const refusal = whyUnchangeable(message, state);
      if (refusal !== null) return refusal;
      if (command.isSame) return [];
      if (command.later >= MOST_LATER) {
        return refuse(
          'too_many',
          `A message takes ${MOST_LATER} edits, choices, failed deliveries and personal values in all.`,
        );
      }
      return [{ type: 'message.edited', data: { ...place, text, blocks, mentions: [...command.mentions] } }];
    }
    case 'redact':
      if (message.isRedacted) return redacted(message);
      return [{ type: 'message.redacted', data: { ...place, seqs: [...command.seqs], reason: command.reason } }];
    case 'react':
    case 'unreact':
      return whyUnchangeable(message, state) ?? reacted(command, place);
    case 'receipt':
      if (command.isKnown) return [];
      if (command.count >= MOST_RECEIPTS) return refuse('too_many', `A message takes ${MOST_RECEIPTS} receipts.`);
      return [received(command, place)];
    case 'choose':
      return whyUnchangeable(message, state) ?? chosen(command, place);
    case 'change_message_fields':
      // What is known of a message may change in a locked conversation, too: a lock is about what is said.
      return message.isRedacted ? redacted(message) : fieldsChanged(command, place);
    default:
      return command satisfies never;
  }
}

/** A receipt is told from another by its name alone. What says something of a message must know whether that is redacted. */
function restsOnReading(command: MessageCommand): boolean {
  return command.type !== 'receipt' || (command.receipt.type === 'failed' && command.receipt.detail !== null);
}

type Place = { message_id: string; message_seq: number };

function reacted({ type, author, emoji, isThere, count }: ReactToMessage, place: Place): ConversationEvent[] | Refusal {
  const data = { ...place, author, emoji };
  if (type === 'unreact') {
    if (!isThere) return refuse('not_reacted', `${author.id} has not reacted so.`);
    return [{ type: 'message.reaction_removed', data }];
  }
  if (isThere) return refuse('already_reacted', `${author.id} has reacted so already.`);
  if (count >= MOST_REACTIONS) return refuse('too_many', `A message takes ${MOST_REACTIONS} reactions.`);
  return [{ type: 'message.reaction_added', data }];
}

function chosen({ author, choices, count, bytes }: MakeChoice, place: Place): ConversationEvent[] | Refusal {
  if (typeof choices === 'string') return refuse('choice_not_offered', choices);
  if (count >= MOST_CHOICES || bytes >= MOST_CHOICE_BYTES) {
    return refuse('too_many', `A message takes ${MOST_CHOICES} choices, and ${MOST_CHOICE_BYTES} bytes of them.`);
  }
  return [{ type: 'message.choice_made', data: { ...place, author, choices: JSON.stringify(choices) } }];
}

function fieldsChanged({ held, ...command }: ChangeMessageFields, place: Place): ConversationEvent[] | Refusal {
  const events = fieldEvents(command, held);
  if (isRefusal(events)) return events;
  return events.map(
    ({ verb, data }) => ({ type: `message.${verb}`, data: { ...place, ...data } }) as ConversationEvent,
  );
}

function received({ message, receipt, channel, occurredAt }: TakeReceipt, place: Place): ConversationEvent {
  const at = occurredAt === null ? {} : { occurredAt };
  const data = { ...place, channel };
  switch (receipt.type) {
    case 'delivered':
      return { type: 'message.delivered', data, ...at };
    case 'read':
      return { type: 'message.read', data: { ...data, reader: receipt.reader }, ...at };
    case 'failed': {
      const { code } = receipt;
      // A channel may quote what it could not deliver.
      const detail = message.isRedacted ? null : receipt.detail;
      return { type: 'message.delivery_failed', data: { ...data, code, detail }, ...at };
    }
    default:
      return receipt satisfies never;
  }
}

function whyUnchangeable(message: KnownMessage, { locked }: ConversationState): Refusal | null {
  if (message.isRedacted) return redacted(message);
  return locked ? refuse('conversation_locked', 'The conversation is locked. Unlock it first.') : null;
}

function redacted({ id }: KnownMessage): Refusal {
  return refuse('message_redacted', `The message ${id} is redacted.`);
}
