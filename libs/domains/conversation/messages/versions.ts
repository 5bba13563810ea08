import type { RecordedEvent } from '../../../platform/kernel/event.js';
import type { ConversationEvent } from '../conversation.events.js';
import { personalJson } from './personal-json.js';

/** The events that say what a message says. */
export const VERSION_TYPES = ['message.created', 'message.edited'] as const;

type Version = Extract<ConversationEvent, { type: (typeof VERSION_TYPES)[number] }>;

/** What a message said after one of the events of VERSION_TYPES. */
export function versionOf({ data, meta }: Pick<RecordedEvent, 'data' | 'meta'>): object {
  const { text, blocks, mentions } = data as Version['data'];
  const shown = personalJson(blocks);
  return {
    seq: meta.seq,
    text,
    blocks: shown === null ? null : JSON.parse(shown),
    mentions,
    occurred_at: new Date(meta.occurred_at).toISOString(),
    actor: { type: meta.actor.type, id: meta.actor.id },
  };
}
