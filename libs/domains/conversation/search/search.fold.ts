import type { EventData } from '../../../contract/generated/event-data.js';
import { ERASED, REDACTED } from '../../../platform/event-codec/event-codec.js';
import type { ProjectedEvent } from '../../../platform/projections/projection.js';
import { type Language, languageOf } from './language-of.js';

/** What some events say of one message or title. A row is the sum of any such parts, in whatever order they come. */
export interface TextPart {
  /** The message's id; of a title, the conversation's. */
  source: string;
  workspace: string;
  conversation: string;
  /** Null where the event that made it is not among them. */
  kind: 'title' | 'message' | 'note' | null;
  messageSeq: number | null;
  /** Of the event that the text comes from; 0 for none. */
  seq: number;
  redacted: boolean;
  text: string | null;
  language: Language | null;
}

export interface ActivityPart {
  conversation: string;
  workspace: string;
  /** ms */
  lastMessageAt: number;
}

export interface SearchParts {
  texts: TextPart[];
  activity: ActivityPart[];
}

/** Folds a batch into a part a text and a part a conversation. Nothing in a part depends on the order of the events. */
export function foldSearch(events: readonly ProjectedEvent[]): SearchParts {
  const texts = new Map<string, TextPart>();
  const activity = new Map<string, ActivityPart>();
  const textOf = (source: string, { meta }: ProjectedEvent): TextPart => {
    let part = texts.get(source);
    if (part === undefined) {
      part = nothingOf(source, meta);
      texts.set(source, part);
    }
    return part;
  };
  for (const event of events) {
    const { type, meta, data } = event;
    switch (type) {
      case 'conversation.created':
      case 'conversation.title_changed': {
        const part = textOf(meta.stream, event);
        part.kind = 'title';
        say(part, (data as EventData['conversation.title_changed']).title, meta.seq);
        break;
      }
      case 'message.created': {
        const message = data as EventData['message.created'];
        const part = textOf(message.message_id, event);
        part.kind = message.type === 'note' ? 'note' : 'message';
        part.messageSeq = meta.seq;
        say(part, message.text, meta.seq);
        break;
      }
      case 'message.edited': {
        const edit = data as EventData['message.edited'];
        const part = textOf(edit.message_id, event);
        part.messageSeq = edit.message_seq;
        say(part, edit.text, meta.seq);
        break;
      }
      case 'message.redacted': {
        const redaction = data as EventData['message.redacted'];
        const part = textOf(redaction.message_id, event);
        part.messageSeq = redaction.message_seq;
        part.redacted = true;
        break;
      }
    }
    if (type === 'conversation.created' || type === 'message.created') moved(activity, event);
  }
  for (const part of texts.values()) part.language = part.text === null ? null : languageOf(part.text);
  return { texts: [...texts.values()], activity: [...activity.values()] };
}

/** What was said later stands. What reads erased or redacted says nothing that somebody could look for. */
function say(part: TextPart, text: string | null, seq: number): void {
  if (seq <= part.seq) return;
  part.seq = seq;
  part.text = text === '' || text === ERASED || text === REDACTED ? null : text;
}

function moved(activity: Map<string, ActivityPart>, { meta }: ProjectedEvent): void {
  const { stream: conversation, workspace, occurred_at: at } = meta;
  const part = activity.get(conversation);
  if (part === undefined) activity.set(conversation, { conversation, workspace, lastMessageAt: at });
  else part.lastMessageAt = Math.max(part.lastMessageAt, at);
}

function nothingOf(source: string, { stream, workspace }: ProjectedEvent['meta']): TextPart {
  return {
    source,
    workspace,
    conversation: stream,
    kind: null,
    messageSeq: null,
    seq: 0,
    redacted: false,
    text: null,
    language: null,
  };
}
