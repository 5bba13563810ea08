import { PAGE_BYTES } from '../../../platform/reads/page.js';
import type { ConversationEvent } from '../conversation.events.js';
import { kindOf, type Message, type Recorded } from './event-kinds.js';

/** An event, with what it weighs on the log where that is known. */
export type FoldedEvent = Recorded<ConversationEvent> & { bytes?: number };

interface Shown {
  event: FoldedEvent;
  /** What its event and those that changed it weigh. */
  bytes: number;
  /** Made when it is first asked for: most of what a fold passes by never is. */
  message: Message | null;
}

/** The part of a conversation's messages that is asked for: what is outside of it is not kept. */
abstract class MessageWindow {
  protected readonly shown = new Map<number, Shown>();
  protected weight = 0;

  /** What an event makes of the messages in the window. */
  show(event: FoldedEvent): void {
    const { adds, edits } = kindOf(event.type);
    if (adds !== undefined) this.add(event);
    if (edits === undefined) return;
    const { message_seq } = event.data as { message_seq: number };
    const shown = this.shown.get(message_seq);
    if (shown === undefined) return;
    shown.message = edits.change(madeOf(shown), event);
    shown.bytes += event.bytes ?? 0;
    this.weight += event.bytes ?? 0;
    this.cut();
  }

  get messages(): Message[] {
    return [...this.shown.values()].map(madeOf);
  }

  protected abstract add(event: FoldedEvent): void;

  /** Lets go of what no page holds any more. */
  protected abstract cut(): void;

  protected keep(event: FoldedEvent): void {
    const bytes = event.bytes ?? 0;
    this.shown.set(event.meta.seq, { event, bytes, message: null });
    this.weight += bytes;
  }

  protected drop(seq: number, { bytes }: Shown): void {
    this.shown.delete(seq);
    this.weight -= bytes;
  }
}

function madeOf(shown: Shown): Message {
  shown.message ??= kindOf(shown.event.type).adds!(shown.event);
  return shown.message;
}

/** So many messages after a place, the oldest first, as far as a page holds them. */
export class MessagesAfter extends MessageWindow {
  /** Whether there are more than the window holds. */
  more = false;
  /** Of the messages in it, the newest last. */
  private readonly seqs: number[] = [];

  constructor(
    private readonly after: number,
    private readonly limit: number,
  ) {
    super();
  }

  protected add(event: FoldedEvent): void {
    if (event.meta.seq <= this.after || this.more) return;
    this.more = this.shown.size === this.limit || this.weight >= PAGE_BYTES;
    if (this.more) return;
    this.seqs.push(event.meta.seq);
    this.keep(event);
  }

  protected cut(): void {
    for (let seq = this.seqs.at(-1); seq !== undefined; seq = this.seqs.at(-1)) {
      const newest = this.shown.get(seq)!;
      if (this.weight - newest.bytes < PAGE_BYTES) return;
      this.drop(seq, newest);
      this.seqs.pop();
      this.more = true;
    }
  }
}

/** So many of the last messages, as far as a page holds them. */
export class LastMessages extends MessageWindow {
  constructor(private readonly limit: number) {
    super();
  }

  protected add(event: FoldedEvent): void {
    if (this.limit === 0) return;
    this.keep(event);
    this.cut();
  }

  protected cut(): void {
    for (const [seq, shown] of this.shown) {
      if (this.shown.size <= this.limit && this.weight - shown.bytes < PAGE_BYTES) return;
      this.drop(seq, shown);
    }
  }
}
