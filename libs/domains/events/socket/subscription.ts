import { EventEmitter } from 'node:events';
import { Problem } from '../../../platform/kernel/problem.js';
import type { CloseReason } from '../../../platform/live/live-event.js';
import type { Sink } from '../../../platform/live/live-reader.js';
import { type FramedLine, linesIn } from './socket-lines.js';

export interface SubscriptionOptions {
  name: string;
  /** How many events may be under way that are not acknowledged. */
  window: number;
  /** Where it begins; null for the beginning of the log. */
  cursor: string | null;
  /** Sends one message. */
  send(message: Buffer): void;
  /** Bytes that wait, of the whole connection. */
  waiting(): number;
  /** Whether the connection has room for more of a history. */
  hasRoom(): boolean;
  /** Where a public cursor stands. Throws `invalid_cursor`, `cursor_diverged`. */
  positionOf(cursor: string): number;
  /** Its reader is closed: it has nothing more to give. */
  onClosed(reason: CloseReason): void;
}

/**
 * One subscription's way out, which its reader writes to: its events in their order, at most `window` of them not
 * acknowledged.
 *
 *     (written) ──► under way ── ack ──► taken
 *        └── window full ──► waiting ── ack ──► under way
 *
 * Emits `drain` when nothing waits any more, and `close` once, when it is over.
 */
export class Subscription extends EventEmitter<{ drain: []; close: [] }> implements Sink {
  readonly isPaced = true;
  destroyed = false;
  private readonly prefix: Buffer;
  private readonly waiting: FramedLine[] = [];
  /** The positions of what was sent and is not acknowledged. */
  private underWay: number[] = [];
  private bytes = 0;
  private cursor: string | null;
  /** Up to here it was told where it stands, or said so itself. */
  private told: number;
  private fullSince: number | null = null;

  constructor(private readonly options: SubscriptionOptions) {
    super();
    this.cursor = options.cursor;
    this.told = options.cursor === null ? 0 : options.positionOf(options.cursor);
    this.prefix = Buffer.from(`{"subscription":${JSON.stringify(options.name)},`);
  }

  /** The bytes of what waits for an acknowledgement before it may be sent. */
  get waitingBytes(): number {
    return this.bytes;
  }

  get writableLength(): number {
    return this.options.waiting();
  }

  /** Whether all that it was given is on its way. */
  get isFree(): boolean {
    return this.waiting.length === 0;
  }

  /** How long it has waited for an acknowledgement by now; ms, 0 where nothing waits. */
  waitedFor(now: number): number {
    return this.fullSince === null ? 0 : now - this.fullSince;
  }

  /** Takes what is encoded as `SOCKET_LINES`. False: `drain` says when there is room for more. */
  write(encoded: Buffer): boolean {
    for (const line of linesIn(encoded)) {
      if (this.destroyed) return false;
      this.take(line);
    }
    this.flush();
    return this.isFree && this.options.hasRoom();
  }

  /** Everything up to a cursor is taken. Throws `invalid_value` for a place that it was not told of, and as `positionOf`. */
  acknowledge(cursor: string): void {
    const position = this.options.positionOf(cursor);
    if (position > this.told) {
      const message = 'is beyond everything that was sent';
      throw new Problem('invalid_value', `/message/cursor ${message}.`, {
        errors: [{ pointer: '/message/cursor', message }],
      });
    }
    const left = this.underWay.findIndex((place) => place > position);
    const taken = left === -1 ? this.underWay.length : left;
    if (taken === 0) return;
    this.underWay = this.underWay.slice(taken);
    this.fullSince = null;
    this.flush();
    if (this.isFree && this.options.hasRoom()) this.emit('drain');
  }

  /** Says a last word with the cursor of the last that was sent, and forgets what waits. */
  sayLast(message: object): void {
    if (this.destroyed) return;
    const text = JSON.stringify({ ...message, cursor: this.cursor });
    this.send(Buffer.from(text));
    this.destroy();
  }

  /** Its reader has said its last word, and the connection says when it is over. */
  end(): void {}

  /** Nobody is there any more. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.waiting.length = 0;
    this.bytes = 0;
    this.fullSince = null;
    this.emit('close');
  }

  private take(line: FramedLine): void {
    switch (line.kind) {
      case 'closed':
        this.options.onClosed(line.word as CloseReason);
        return;
      case 'signal':
        // What is gone in a moment is not kept.
        if (this.isFree) this.send(line.json);
        return;
      case 'heartbeat':
        this.dropWaitingHeartbeat();
        break;
      case 'event':
        break;
      default:
        line.kind satisfies never;
    }
    this.waiting.push(line);
    this.bytes += line.json.length;
  }

  /** Of several that wait in a row the last says all. */
  private dropWaitingHeartbeat(): void {
    const last = this.waiting.at(-1);
    if (last?.kind !== 'heartbeat') return;
    this.waiting.pop();
    this.bytes -= last.json.length;
  }

  private flush(): void {
    let sent = 0;
    for (const line of this.waiting) {
      if (line.kind === 'event' && this.underWay.length >= this.options.window) break;
      this.bytes -= line.json.length;
      this.sendLine(line);
      sent++;
    }
    this.waiting.splice(0, sent);
    if (!this.isFree) this.fullSince ??= performance.now();
  }

  private sendLine({ kind, word: cursor, json }: FramedLine): void {
    if (cursor !== '') {
      this.cursor = cursor;
      this.told = Math.max(this.told, this.options.positionOf(cursor));
      if (kind === 'event') this.underWay.push(this.told);
    }
    this.send(json);
  }

  private send(json: Buffer): void {
    this.options.send(Buffer.concat([this.prefix, json.subarray(1)]));
  }
}
