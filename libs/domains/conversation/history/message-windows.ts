import { PAGE_BYTES } from '../../../platform/reads/page.js';
import type { ConversationEvent } from '../conversation.events.js';
import { kindOf, type Message, type Recorded } from './event-kinds.js';

/** The part of a conversation's messages that is asked for: what is outside of it is not kept. */
export interface MessageWindow {
  readonly messages: Map<string, Message>;
  add(message: Message): void;
}

/** What an event makes of the messages in a window. */
export function showIn(window: MessageWindow, event: Recorded<ConversationEvent>): void {
  const { adds, edits } = kindOf(event.type);
  if (adds !== undefined) window.add(adds(event));
  if (edits === undefined) return;
  const id = edits.id(event);
  const message = window.messages.get(id);
  if (message !== undefined) window.messages.set(id, edits.change(message, event));
}

const weightOf = ({ text }: Message) => Buffer.byteLength(text);

/** So many messages after a place, the oldest first, as far as a page holds them. */
export class MessagesAfter implements MessageWindow {
  readonly messages = new Map<string, Message>();
  /** Whether there are more than the window holds. */
  more = false;
  private weight = 0;

  constructor(
    private readonly after: number,
    private readonly limit: number,
  ) {}

  add(message: Message): void {
    if (message.seq <= this.after || this.more) return;
    if (this.messages.size === this.limit || this.weight >= PAGE_BYTES) {
      this.more = true;
      return;
    }
    this.weight += weightOf(message);
    this.messages.set(message.id, message);
  }
}

/** So many of the last messages, as far as a page holds them. */
export class LastMessages implements MessageWindow {
  readonly messages = new Map<string, Message>();
  private weight = 0;

  constructor(private readonly limit: number) {}

  add(message: Message): void {
    if (this.limit === 0) return;
    this.messages.set(message.id, message);
    this.weight += weightOf(message);
    for (const oldest of this.messages.values()) {
      const withoutIt = this.weight - weightOf(oldest);
      if (this.messages.size <= this.limit && withoutIt < PAGE_BYTES) return;
      this.messages.delete(oldest.id);
      this.weight = withoutIt;
    }
  }
}
