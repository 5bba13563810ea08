import type { EventData } from '../../contract/generated/event-data.js';
import type { DomainEvent } from '../../platform/kernel/event.js';
import type { LinkEvent } from './links/link.events.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

export type ConversationCreated = Of<'conversation.created'>;
export type MessageCreated = Of<'message.created'>;

/** Everything that happens on a conversation's stream. */
export type ConversationEvent =
  | ConversationCreated
  | MessageCreated
  | Of<'message.edited'>
  | Of<'message.redacted'>
  | Of<'message.reaction_added'>
  | Of<'message.reaction_removed'>
  | Of<'message.delivered'>
  | Of<'message.read'>
  | Of<'message.delivery_failed'>
  | Of<'message.choice_made'>
  | Of<'draft.proposed'>
  | Of<'draft.edited'>
  | Of<'draft.accepted'>
  | Of<'draft.refused'>
  | Of<'conversation.title_changed'>
  | Of<'conversation.priority_changed'>
  | Of<'conversation.snoozed'>
  | Of<'conversation.unsnoozed'>
  | Of<'conversation.closed'>
  | Of<'conversation.reopened'>
  | Of<'conversation.detail_changed'>
  | Of<'conversation.assigned'>
  | Of<'conversation.unassigned'>
  | Of<'conversation.team_assigned'>
  | Of<'conversation.team_unassigned'>
  | Of<'conversation.labeled'>
  | Of<'conversation.unlabeled'>
  | Of<'conversation.locked'>
  | Of<'conversation.unlocked'>
  | Of<'conversation.field_set'>
  | Of<'conversation.field_cleared'>
  | Of<'message.field_set'>
  | Of<'message.field_cleared'>
  | LinkEvent;
