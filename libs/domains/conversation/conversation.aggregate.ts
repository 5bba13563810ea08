import type { Aggregate, Claim } from '../../platform/commands/command.js';
import type { ConversationCommand } from './conversation.commands.js';
import { type ConversationState, conversationDecider } from './conversation.decider.js';
import type { ConversationEvent } from './conversation.events.js';

/** A conversation's title and messages are about its customer, and sealed with the customer's key. */
export const conversationAggregate: Aggregate<ConversationCommand, ConversationState, ConversationEvent> = {
  type: 'conversation',
  prefix: 'conv',
  decider: conversationDecider,
  subjectOf: (state) => state.customer,
  claimsOf,
};

function claimsOf(event: ConversationEvent, stream: string): Claim[] {
  if (event.type === 'conversation.created' && event.data.external_id !== null) {
    return [{ kind: 'conversation', value: event.data.external_id }];
  }
  if (event.type === 'message.created' && event.data.external_id !== null) {
    return [{ kind: 'message', scope: stream, value: event.data.external_id }];
  }
  return [];
}
