import type { Actor } from '../../../platform/kernel/event.js';
import type { ConversationEvent } from '../conversation.events.js';
import { conversationAfter } from './conversation-fold.js';
import { type Conversation, kindOf, type Recorded } from './event-kinds.js';

/** Who did it, and when. */
interface Trace {
  seq: number;
  type: string;
  actor: Actor;
  occurred_at: string;
  recorded_at: string;
}

export interface FieldDifference extends Trace {
  field: string;
  from: unknown;
  to: unknown;
}

export interface MessageDifference extends Trace {
  change: string;
  message_id: string;
}

/** What follows from the others, or is the same for ever. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['id', 'seq', 'updated_at']);

/**
 * What lies between two places of a conversation: fed with its events in their order, from the first one on. A field
 * that came back to what it was does not differ; one that differs carries the last event that changed it.
 */
export class Difference {
  /** At most so many as it was made for. */
  readonly messages: MessageDifference[] = [];
  moreMessages = false;
  private start: Conversation | null = null;
  private now: Conversation | null = null;
  private readonly changedBy = new Map<string, Recorded<ConversationEvent>>();

  constructor(
    private readonly fromSeq: number,
    private readonly mostMessages: number,
  ) {}

  add(event: Recorded<ConversationEvent>): void {
    const before = this.now;
    this.now = conversationAfter(before, event);
    if (event.meta.seq <= this.fromSeq) {
      this.start = this.now;
      return;
    }
    for (const field of fieldsOf(this.now)) {
      if (!same(before?.[field] ?? null, this.now![field])) this.changedBy.set(field, event);
    }
    this.compareMessage(event);
  }

  get fields(): FieldDifference[] {
    const { start, now } = this;
    return fieldsOf(now).flatMap((field) => {
      const [from, to] = [start?.[field] ?? null, now![field]];
      return same(from, to) ? [] : [{ field, from, to, ...traceOf(this.changedBy.get(field)!) }];
    });
  }

  private compareMessage(event: Recorded<ConversationEvent>): void {
    const { adds, edits } = kindOf(event.type);
    if (adds === undefined && edits === undefined) return;
    if (this.messages.length === this.mostMessages) {
      this.moreMessages = true;
      return;
    }
    const change = edits?.as ?? 'added';
    const { message_id } = event.data as { message_id: string };
    this.messages.push({ change, message_id, ...traceOf(event) });
  }
}

function fieldsOf(conversation: Conversation | null): (keyof Conversation)[] {
  if (conversation === null) return [];
  return (Object.keys(conversation) as (keyof Conversation)[]).filter((field) => !NOT_COMPARED.has(field));
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function traceOf({ type, meta }: Recorded<ConversationEvent>): Trace {
  const { seq, actor, occurred_at, recorded_at } = meta;
  return {
    seq,
    type,
    actor,
    occurred_at: new Date(occurred_at).toISOString(),
    recorded_at: new Date(recorded_at).toISOString(),
  };
}
