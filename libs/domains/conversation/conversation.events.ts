import type { EventData } from '../../contract/generated/event-data.js';
import type { DomainEvent } from '../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

export type ConversationCreated = Of<'conversation.created'>;
export type MessageCreated = Of<'message.created'>;

/** Everything that happens on a conversation's stream. */
export type ConversationEvent =
  | ConversationCreated
  | MessageCreated
  | Of<'conversation.assigned'>
  | Of<'conversation.unassigned'>
  | Of<'conversation.closed'>
  | Of<'conversation.reopened'>;
