import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';

/** Close codes of RFC 6455, section 7.4.1, and of IANA's registry. */
export const CLOSE_CODES = {
  going_away: 1001,
  unsupported_data: 1003,
  policy_violation: 1008,
  internal_error: 1011,
  service_restart: 1012,
} as const;

const PING_MS = 15_000;
/** So many pings in a row may stay without a sign of life. */
const MOST_SILENT_PINGS = 2;
/** A client that does not read is not answered: its pings are not kept. */
const MOST_WAITING_FOR_PONG = 16 * 1024;
const CLOSED_WITHIN_MS = 2000;

export interface MessageListener {
  /** One message of text. */
  message(text: string): void;
  /** Everything that was sent has been taken by the operating system. */
  drained(): void;
  /** It has not answered pings, or took nothing meanwhile. */
  silent(): void;
  gone(): void;
}

/**
 * A WebSocket on which texts go both ways. Its pings are answered, and it is pinged; a message of bytes ends it, as does
 * one that is too long.
 */
export class MessageSocket {
  private listener: MessageListener | null = null;
  private silentPings = 0;
  private readonly clock: NodeJS.Timeout;
  private ending = false;

  constructor(
    private readonly webSocket: WebSocket,
    socket: Duplex,
    pingMs = PING_MS,
  ) {
    webSocket.on('message', (data, isBinary) => this.received(data, isBinary));
    webSocket.on('ping', (data) => {
      this.silentPings = 0;
      if (this.waiting < MOST_WAITING_FOR_PONG) webSocket.pong(data);
    });
    webSocket.on('pong', () => {
      this.silentPings = 0;
    });
    // What is wrong is said by the close that follows.
    webSocket.on('error', () => undefined);
    webSocket.once('close', () => {
      clearInterval(this.clock);
      this.listener?.gone();
    });
    socket.on('drain', () => this.listener?.drained());
    this.clock = setInterval(() => this.ping(), pingMs);
    this.clock.unref();
  }

  listen(listener: MessageListener): void {
    this.listener = listener;
  }

  /** Bytes that were sent and not taken yet. */
  get waiting(): number {
    return this.webSocket.bufferedAmount;
  }

  get isOpen(): boolean {
    return !this.ending && this.webSocket.readyState === this.webSocket.OPEN;
  }

  /** One message of text, as UTF-8. */
  send(text: string | Buffer): void {
    if (this.isOpen) this.webSocket.send(text, { binary: false });
  }

  /** Takes nothing more from the client until `resume`. */
  pause(): void {
    if (this.isOpen) this.webSocket.pause();
  }

  resume(): void {
    if (this.isOpen) this.webSocket.resume();
  }

  /** Says why in the closing handshake, and cuts off a client that does not answer it in time. */
  close(code: keyof typeof CLOSE_CODES, reason: string): void {
    if (this.ending) return;
    this.webSocket.close(CLOSE_CODES[code], reason);
    this.ending = true;
    this.webSocket.resume();
    setTimeout(() => this.webSocket.terminate(), CLOSED_WITHIN_MS).unref();
  }

  private received(data: RawData, isBinary: boolean): void {
    this.silentPings = 0;
    if (this.ending) return;
    if (isBinary) this.close('unsupported_data', 'Messages are text: JSON in UTF-8.');
    else this.listener?.message((data as Buffer).toString());
  }

  private ping(): void {
    if (!this.isOpen) return;
    if (this.silentPings >= MOST_SILENT_PINGS) {
      this.listener?.silent();
      return;
    }
    this.silentPings++;
    if (this.waiting < MOST_WAITING_FOR_PONG) this.webSocket.ping();
  }
}
