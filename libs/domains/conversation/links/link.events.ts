import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

export type ReferenceAdded = Of<'conversation.reference_added'>;
export type ConversationMerged = Of<'conversation.merged'>;
export type ConversationForked = Of<'conversation.forked'>;

/** What happens on a conversation's stream that ties it to others, and to things of other systems. */
export type LinkEvent =
  | Of<'conversation.linked'>
  | Of<'conversation.unlinked'>
  | ReferenceAdded
  | Of<'conversation.reference_removed'>
  | ConversationMerged
  | ConversationForked;
