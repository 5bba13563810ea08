import type { RecordedEvent } from '../../../platform/kernel/event.js';
import type { ConversationEvent } from '../conversation.events.js';
import { personalJson } from '../projections/messages/personal-json.js';

type Version = Extract<ConversationEvent, { type: 'message.created' | 'message.edited' }>;

/** What a message said after each of the events, of which some may be about other things. */
export function versionsOf(
  message: string,
  events: readonly Pick<RecordedEvent, 'type' | 'data' | 'meta'>[],
): object[] {
  return events.flatMap(({ type, data, meta }) => {
    if (type !== 'message.created' && type !== 'message.edited') return [];
    const { message_id, text, blocks, mentions } = data as Version['data'];
    if (message_id !== message) return [];
    const shown = personalJson(blocks);
    return {
      seq: meta.seq,
      text,
      blocks: shown === null ? null : JSON.parse(shown),
      mentions,
      occurred_at: new Date(meta.occurred_at).toISOString(),
      actor: { type: meta.actor.type, id: meta.actor.id },
    };
  });
}
