import { type Refusal, refuse, stale } from '../../../platform/kernel/decider.js';
import type { ConversationEvent } from '../conversation.events.js';
import type { ConversationState } from '../conversation.state.js';
import { traceFields } from '../messages/message.events.js';
import type { AcceptDraft, DraftCommand } from './draft.commands.js';

const MOST_EDITS = 500;

/** What becomes of a draft. `post` gives the events of the message that an accepted one is. */
export function decideOnDraft(
  command: DraftCommand,
  state: ConversationState,
  post: (accepted: AcceptDraft) => ConversationEvent[],
): ConversationEvent[] | Refusal {
  if (command.type === 'propose') return [proposed(command, state)];
  if (command.contentRevision !== state.contentRevision) return stale();
  const { draft } = command;
  if (draft.status !== 'open') return refuse('draft_settled', `The draft ${draft.id} is ${draft.status} already.`);
  switch (command.type) {
    case 'edit_draft': {
      const { text, blocks } = command.content;
      if (command.versions > MOST_EDITS) return refuse('too_many', `A draft takes ${MOST_EDITS} edits.`);
      return [{ type: 'draft.edited', data: { draft_id: draft.id, editor: command.editor, text, blocks } }];
    }
    case 'accept_draft': {
      if (state.locked) return refuse('conversation_locked', 'The conversation is locked. Unlock it first.');
      const { messageId, by } = command;
      const accepted = { draft_id: draft.id, message_id: messageId, by };
      return [...post(command), { type: 'draft.accepted', data: accepted }];
    }
    case 'refuse_draft':
      return [{ type: 'draft.refused', data: { draft_id: draft.id, by: command.by, reason: command.reason } }];
    default:
      return command satisfies never;
  }
}

function proposed(
  command: Extract<DraftCommand, { type: 'propose' }>,
  { channel }: ConversationState,
): ConversationEvent {
  return {
    type: 'draft.proposed',
    data: {
      draft_id: command.draftId,
      author: command.author,
      channel: command.channel ?? channel,
      type: command.messageType,
      text: command.text,
      blocks: command.blocks,
      in_reply_to: command.inReplyTo,
      ...traceFields(command.ai),
    },
  };
}
