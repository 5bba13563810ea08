import type { PostMessage } from '../conversation.commands.js';
import type { MessageCreated } from '../conversation.events.js';
import type { AiTrace } from './message.commands.js';

/** The event of a message, which goes on `channel` unless it names another. */
export function messageCreated(command: Omit<PostMessage, 'type'>, channel: string): MessageCreated {
  return {
    type: 'message.created',
    data: {
      message_id: command.messageId,
      author: command.author,
      channel: command.channel ?? channel,
      type: command.messageType,
      text: command.text,
      external_id: command.externalId,
      blocks: command.blocks,
      mentions: [...command.mentions],
      channel_message_id: command.channelMessageId,
      in_reply_to: command.inReplyTo,
      draft_id: command.draftId,
      ...traceFields(command.ai),
    },
  };
}

export function traceFields(ai: AiTrace | null) {
  return {
    ai_model: ai?.model ?? null,
    ai_confidence: ai?.confidence ?? null,
    ai_sources: ai?.sources ?? null,
    ai_read_through_seq: ai?.readThroughSeq ?? null,
  };
}
