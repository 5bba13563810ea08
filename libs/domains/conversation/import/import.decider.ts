import type { ImportConversation, OpenConversation, PostMessage } from '../conversation.commands.js';
import type { ConversationEvent } from '../conversation.events.js';
import type { ConversationState } from '../conversation.state.js';

/** How a conversation is opened and goes on, whoever tells it. */
interface Steps {
  created(open: Omit<OpenConversation, 'type'>): ConversationEvent;
  posted(message: Omit<PostMessage, 'type'>, state: ConversationState): ConversationEvent[];
  evolve(state: ConversationState | null, event: ConversationEvent): ConversationState;
}

/** What another system tells of a conversation, as events at the times that it says: all that was not here `before`. */
export function decideImport(
  command: ImportConversation,
  before: ConversationState | null,
  { created, posted, evolve }: Steps,
): ConversationEvent[] {
  const events: ConversationEvent[] = [];
  let state = before;
  const add = (event: ConversationEvent, occurredAt: number) => {
    state = evolve(state, event);
    events.push({ ...event, occurredAt });
  };
  if (state === null) add(created(command.open), command.open.occurredAt);
  for (const message of command.messages) {
    for (const event of posted(message, state!)) add(event, message.occurredAt);
    if (message.resolves !== null && state!.status !== 'closed') {
      const data = { message_id: message.messageId, article: message.resolves.article, detail: null };
      add({ type: 'conversation.closed', data }, message.occurredAt);
    }
  }
  return events;
}
