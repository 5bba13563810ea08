import type { Aggregate, Claim } from '../../platform/commands/command.js';
import type { Party } from '../../platform/kernel/event.js';
import type { ConversationCommand } from './conversation.commands.js';
import { conversationDecider } from './conversation.decider.js';
import type { ConversationEvent } from './conversation.events.js';
import type { ConversationState } from './conversation.state.js';

/** A conversation's title and messages are about its customer, and sealed with the customer's key. */
export const conversationAggregate: Aggregate<ConversationCommand, ConversationState, ConversationEvent> = {
  type: 'conversation',
  prefix: 'conv',
  decider: conversationDecider,
  subjectOf: (state) => state.customer,
  claimsOf,
  withholds: (event) => (event.type === 'message.redacted' ? event.data.seqs : []),
};

function claimsOf(event: ConversationEvent, stream: string): Claim[] {
  if (event.type === 'conversation.created' && event.data.external_id !== null) {
    return [{ kind: 'conversation', value: event.data.external_id }];
  }
  switch (event.type) {
    case 'message.delivered':
      return [receiptClaim(stream, event.data.message_id, event.data.channel, { type: 'delivered' })];
    case 'message.read':
      return [
        receiptClaim(stream, event.data.message_id, event.data.channel, { type: 'read', reader: event.data.reader }),
      ];
    case 'message.delivery_failed':
      return [
        receiptClaim(stream, event.data.message_id, event.data.channel, { type: 'failed', code: event.data.code }),
      ];
  }
  if (event.type !== 'message.created') return [];
  const { external_id, channel, channel_message_id } = event.data;
  return messageClaims(stream, external_id, channel, channel_message_id);
}

/** A receipt is taken once: of each channel, and of each reader or each cause of a failure. */
export function receiptClaim(
  conversation: string,
  message: string,
  channel: string,
  receipt: { type: 'delivered' } | { type: 'read'; reader: Party } | { type: 'failed'; code: string },
): Claim {
  const by =
    receipt.type === 'read'
      ? [receipt.reader.type, receipt.reader.id]
      : receipt.type === 'failed'
        ? [receipt.code]
        : [];
  return { kind: 'receipt', scope: `${conversation}/${message}`, value: [receipt.type, channel, ...by].join(' ') };
}

/** The names that a message takes: one for all channels, and one on its own. */
export function messageClaims(
  conversation: string,
  externalId: string | null,
  channel: string,
  channelMessageId: string | null,
): Claim[] {
  const claims: Claim[] = [];
  if (externalId !== null) claims.push({ kind: 'message', scope: conversation, value: externalId });
  if (channelMessageId !== null) {
    claims.push({ kind: 'channel_message', scope: `${conversation}/${channel}`, value: channelMessageId });
  }
  return claims;
}
