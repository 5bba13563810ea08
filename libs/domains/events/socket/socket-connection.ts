import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CLOSE_CODES, MessageListener, MessageSocket } from '../../../platform/http/message-socket.js';
import { problemOf } from '../../../platform/http/problem-of.js';
import { Problem } from '../../../platform/kernel/problem.js';
import type { Holder } from '../../../platform/live/held-bytes.js';
import type { CloseReason } from '../../../platform/live/live-event.js';
import type { Sink } from '../../../platform/live/live-reader.js';
import { loggedError } from '../../../platform/observability/logged-error.js';
import { type ClientMessage, readClientMessage, type Subscribe, subscriptionNamedIn } from './client-message.js';
import type { ServerMessage } from './server-message.js';
import { openSocket } from './socket.operations.js';
import { Subscription } from './subscription.js';

export const MOST_SUBSCRIPTIONS = 8;
/** So many wrong messages in a row end the connection. */
export const MOST_WRONG = 10;
/** So much may wait for a client, in all its subscriptions and on the connection. */
const MOST_WAITING_BYTES = 1024 * 1024;
/** Of so many subscriptions that are over the names are known, for what is acknowledged of them late. */
const NAMES_KNOWN = 100;
/** With more than this on the connection, its histories wait. */
const ENOUGH_BYTES = 128 * 1024;
/** How long nothing may be acknowledged while events wait for it. */
const ACKNOWLEDGED_WITHIN_MS = 30_000;
/** How long a connection may have no subscription. */
const SUBSCRIBED_WITHIN_MS = 60_000;
const LOOK_MS = 1000;

/** Why a connection ends, and the code of the closing handshake for it. */
const CODES = {
  key_revoked: 'policy_violation',
  shutdown: 'going_away',
  slow_reader: 'policy_violation',
  store_restored: 'service_restart',
  internal: 'internal_error',
  too_many_errors: 'policy_violation',
  not_subscribed: 'policy_violation',
} as const satisfies Record<CloseReason | 'too_many_errors' | 'not_subscribed', keyof typeof CLOSE_CODES>;

export type SocketCloseReason = keyof typeof CODES;

export type Conversation = Pick<MessageSocket, 'listen' | 'send' | 'close' | 'pause' | 'resume' | 'waiting' | 'isOpen'>;

/** What a connection asks of whoever reads the log for it. */
export interface SubscriptionSource {
  /** Looks at what is asked for. Throws a Problem; resolves with where it begins, and what has it read from there on. */
  open(asked: Subscribe): Promise<{ cursor: string | null; begin(sink: Sink): void }>;
  positionOf(cursor: string): number;
}

export interface SocketConnectionOptions {
  log: { error(detail: object, message: string): void };
  /** Stands in the problems, so that a line of the log can be found. */
  requestId: string;
  /** Counts the connection to whoever opened it, until what is answered is called. */
  hold(connection: Holder): () => void;
}

/**
 * The protocol of `GET /v1/events/ws` on one connection: reads what the client says, one message after another, and keeps
 * its subscriptions. Where one of them ends by itself all do, and each is told the cursor to go on from.
 *
 *     (made) ── subscribe ──► subscribed ── the last unsubscribe ──► (made) ── a minute ──► closed
 *     any ── slow, wrong, key revoked, shutdown, … ──► closed
 */
export class SocketConnection implements MessageListener, Holder {
  private readonly subscriptions = new Map<string, Subscription>();
  /** Names of subscriptions that are over, in the order of their ends. */
  private readonly over = new Set<string>();
  private readonly later: string[] = [];
  private readonly clock: NodeJS.Timeout;
  private readonly release: () => void;
  private isOpening = false;
  private isOffering = false;
  private wrong = 0;
  private emptySince: number | null = performance.now();

  constructor(
    private readonly socket: Conversation,
    private readonly source: SubscriptionSource,
    private readonly options: SocketConnectionOptions,
  ) {
    this.release = options.hold(this);
    this.clock = setInterval(() => this.look(), LOOK_MS);
    this.clock.unref();
    socket.listen(this);
  }

  /** What waits on the connection; each subscription's reader has what waits for its acknowledgements. */
  get held(): number {
    return this.socket.isOpen ? this.socket.waiting : 0;
  }

  message(text: string): void {
    // Paused meanwhile: what still comes had been read already.
    if (this.isOpening) this.later.push(text);
    else this.handle(text);
  }

  drained(): void {
    void this.offer();
  }

  silent(): void {
    this.close('slow_reader');
  }

  gone(): void {
    clearInterval(this.clock);
    this.release();
    for (const [, subscription] of this.subscriptions) subscription.destroy();
    this.subscriptions.clear();
  }

  close(reason: SocketCloseReason): void {
    if (!this.socket.isOpen) return;
    clearInterval(this.clock);
    for (const [, subscription] of this.subscriptions) subscription.sayLast({ type: 'closed', reason });
    this.subscriptions.clear();
    this.socket.close(CODES[reason], reason);
  }

  private handle(text: string): void {
    if (!this.socket.isOpen) return;
    try {
      this.do(readClientMessage(text));
    } catch (error) {
      this.refuse(error, subscriptionNamedIn(text));
    }
  }

  private do(message: ClientMessage): void {
    switch (message.type) {
      case 'subscribe':
        this.subscribe(message);
        return;
      case 'unsubscribe':
        this.end(message.subscription, this.named(message.subscription));
        void this.offer();
        break;
      case 'ack':
        // It crosses the word that the subscription is over: there is nothing left to move.
        if (this.over.has(message.subscription)) break;
        this.named(message.subscription).acknowledge(message.cursor);
        void this.offer();
        break;
      case 'ping':
        this.say({ type: 'pong' });
        break;
      default:
        message satisfies never;
    }
    this.wrong = 0;
  }

  private named(name: string): Subscription {
    const subscription = this.subscriptions.get(name);
    if (subscription === undefined) throw wrongPlace('subscription', 'is none of this connection');
    return subscription;
  }

  private subscribe(asked: Subscribe): void {
    const { subscription: name } = asked;
    if (this.subscriptions.has(name)) throw wrongPlace('subscription', 'is the name of another one on this connection');
    if (this.subscriptions.size >= MOST_SUBSCRIPTIONS) {
      throw new Problem('too_many', `A connection takes ${MOST_SUBSCRIPTIONS} subscriptions. Unsubscribe from one.`);
    }
    this.isOpening = true;
    this.socket.pause();
    this.opened(asked)
      .catch((error: unknown) => this.refuse(error, name))
      .finally(() => {
        this.isOpening = false;
        for (let text = this.later.shift(); text !== undefined; text = this.isOpening ? undefined : this.later.shift())
          this.handle(text);
        if (!this.isOpening) this.socket.resume();
      });
  }

  private async opened(asked: Subscribe): Promise<void> {
    const { subscription: name, window } = asked;
    const { cursor, begin } = await this.source.open(asked);
    if (!this.socket.isOpen) return;
    const subscription = new Subscription({
      name,
      window,
      cursor,
      send: (message) => this.socket.send(message),
      waiting: () => this.waiting,
      hasRoom: () => this.socket.waiting <= ENOUGH_BYTES,
      positionOf: (text) => this.source.positionOf(text),
      onClosed: (reason) => this.close(reason),
    });
    this.subscriptions.set(name, subscription);
    this.over.delete(name);
    this.emptySince = null;
    this.wrong = 0;
    this.say({ type: 'subscribed', subscription: name, window });
    begin(subscription);
  }

  private end(name: string, subscription: Subscription): void {
    this.subscriptions.delete(name);
    this.over.add(name);
    if (this.over.size > NAMES_KNOWN) this.over.delete(this.over.values().next().value!);
    subscription.sayLast({ type: 'unsubscribed' });
    if (this.subscriptions.size === 0) this.emptySince = performance.now();
  }

  private get waiting(): number {
    let bytes = this.socket.waiting;
    for (const [, { waitingBytes }] of this.subscriptions) bytes += waitingBytes;
    return bytes;
  }

  /**
   * One after another: each may fill the connection. What waits for an acknowledgement of one keeps the histories of the
   * others waiting, too, and no socket says when that has gone.
   */
  private async offer(): Promise<void> {
    if (this.isOffering) return;
    this.isOffering = true;
    for (const [, subscription] of [...this.subscriptions]) {
      if (this.waiting > ENOUGH_BYTES) break;
      if (!subscription.isFree) continue;
      subscription.emit('drain');
      await nextTurn();
    }
    this.isOffering = false;
  }

  private refuse(error: unknown, subscription: string | null): void {
    const { requestId, log } = this.options;
    const problem = problemOf(error);
    if (problem.code === 'internal') {
      const { method, path: route } = openSocket;
      log.error({ requestId, method, route, ...loggedError(error) }, 'internal');
    }
    const body = problem.toBody(requestId);
    this.say({ type: 'error', ...(subscription === null ? {} : { subscription }), problem: body });
    this.wrong++;
    if (this.wrong >= MOST_WRONG) this.close('too_many_errors');
  }

  private say(message: ServerMessage): void {
    this.socket.send(JSON.stringify(message));
    // Whoever asks and asks, and reads no answer.
    if (this.waiting > MOST_WAITING_BYTES) this.close('slow_reader');
  }

  private look(): void {
    const now = performance.now();
    if (this.emptySince !== null && now - this.emptySince > SUBSCRIBED_WITHIN_MS) this.close('not_subscribed');
    const waits = [...this.subscriptions.values()].some((one) => one.waitedFor(now) > ACKNOWLEDGED_WITHIN_MS);
    if (waits || this.waiting > MOST_WAITING_BYTES) this.close('slow_reader');
  }
}

function wrongPlace(field: string, message: string): Problem {
  const pointer = `/message/${field}`;
  return new Problem('invalid_value', `${pointer} ${message}.`, { errors: [{ pointer, message }] });
}
