import type { ConversationEvent } from '../conversation.events.js';
import { type Conversation, conversationOf, kindOf, type Recorded } from './event-kinds.js';

/**
 * A conversation after one more event, as the API shows it. Pure. Null before the event that opened it: also where that
 * happened later than what was written in it.
 */
export function conversationAfter(
  before: Conversation | null,
  event: Recorded<ConversationEvent>,
): Conversation | null {
  if (event.type === 'conversation.created') return conversationOf(event);
  if (before === null) return null;
  const { seq, occurred_at } = event.meta;
  const changes = kindOf(event.type).changes?.(event, before);
  if (changes === undefined) return { ...before, seq };
  return { ...before, ...changes, updated_at: new Date(occurred_at).toISOString(), seq };
}
