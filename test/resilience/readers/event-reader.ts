import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { AnswerBytes } from './answer-bytes.js';
import { clientFrame, FrameReader, OPCODES } from './websocket-frames.js';

export type Transport = 'ndjson' | 'sse' | 'ws';
export const TRANSPORTS: readonly Transport[] = ['ndjson', 'sse', 'ws'];

/** An event as a reader was given it. */
export interface Heard {
  id: string;
  type: string;
  stream: string;
  seq: number;
  cursor: string;
  /** The whole line, which is the same on every transport. */
  line: string;
}

export interface ReaderOptions {
  /** `http://host:port` */
  url: string;
  key: string;
  transport: Transport;
  /** `beginning`, `now`, a cursor. */
  since: string;
  /** Ends the connection at this byte. */
  cutAfter?: number;
  /** Reads no faster. */
  bytesPerSecond?: number;
  /** Of a WebSocket: how many events may be under way. */
  window?: number;
  /** Of a WebSocket: whether it acknowledges anything. */
  acknowledges?: boolean;
  /** Called for each event as it comes. */
  onEvent?: (event: Heard) => void;
}

const USUAL_WINDOW = 200;
const SUBSCRIPTION = 'all';
/** What stands in front of the line in a message. */
const NAMED = `{"subscription":"${SUBSCRIPTION}",`;

/** Lines that were heard before, so that a thousand readers of the same keep them once. */
const known = new Map<string, Heard>();

/**
 * One who reads a workspace's events on any of the three transports, on a socket of its own, byte by byte: what it was
 * given counts when the whole of it came. Shares no code with the product, and none with a library for it.
 */
export class EventReader {
  readonly heard: Heard[] = [];
  /** Of the last event or heartbeat that came whole: where to go on. */
  cursor: string | null = null;
  /** The last words, where they came. */
  closed: { reason: string; cursor: string | null } | null = null;
  /** What a WebSocket was told to be wrong. */
  readonly errors: { code: string; detail: string }[] = [];
  /** The code of a WebSocket's closing handshake. */
  closeCode: number | null = null;
  heartbeats = 0;
  transient = 0;
  ended = false;
  bytes = 0;
  /** The body of an answer that is a problem. */
  problem: { code?: string } | null = null;
  private readonly answer = new AnswerBytes();
  private readonly frames = new FrameReader();
  private text = '';
  private decoder = new TextDecoder();
  private unacknowledged = 0;
  private readonly begun = Promise.withResolvers<void>();
  private clock: NodeJS.Timeout | undefined;

  private constructor(
    private readonly options: ReaderOptions,
    readonly socket: Socket,
  ) {
    socket.setNoDelay();
    socket.on('error', () => undefined);
    socket.on('close', () => this.gone());
    socket.write(requestOf(options));
    if (options.bytesPerSecond === undefined) socket.on('data', (bytes) => this.took(bytes));
    else this.crawl(options.bytesPerSecond);
  }

  /** Resolves when the answer's head came, or the connection has ended without one. */
  static async open(options: ReaderOptions): Promise<EventReader> {
    const { hostname, port } = new URL(options.url);
    const reader = new EventReader(options, connect(Number(port), hostname));
    await reader.begun.promise;
    return reader;
  }

  /** 0 where there was no answer. */
  get status(): number {
    return this.answer.head?.status ?? 0;
  }

  get headers(): ReadonlyMap<string, string> {
    return this.answer.head?.headers ?? new Map();
  }

  cut(): void {
    this.socket.destroy();
    this.gone();
  }

  /** A message of a WebSocket's client. */
  say(message: object | string): void {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    this.socket.write(clientFrame(OPCODES.text, Buffer.from(text)));
  }

  private gone(): void {
    clearInterval(this.clock);
    this.ended = true;
    this.begun.resolve();
  }

  private crawl(bytesPerSecond: number): void {
    this.socket.pause();
    this.clock = setInterval(() => {
      // Until the answer's head came it reads as it should.
      const bytes = this.socket.read(this.answer.head === null ? undefined : bytesPerSecond) as Buffer | null;
      if (bytes !== null) this.took(bytes);
    }, 1000);
    this.socket.once('readable', () => {
      const bytes = this.socket.read() as Buffer | null;
      if (bytes !== null) this.took(bytes);
    });
  }

  private took(all: Buffer): void {
    if (this.ended) return;
    const { cutAfter = Number.POSITIVE_INFINITY } = this.options;
    const bytes = all.subarray(0, cutAfter - this.bytes);
    this.bytes += bytes.length;
    const isNew = this.answer.head === null;
    const body = this.answer.push(bytes);
    if (isNew && this.answer.head !== null) this.headCame();
    if (this.status >= 300) this.problemCame(body);
    else if (this.options.transport === 'ws') this.framesCame(body);
    else this.textCame(this.decoder.decode(body, { stream: true }));
    if (this.bytes >= cutAfter) this.cut();
  }

  private headCame(): void {
    const { transport, since, window = USUAL_WINDOW } = this.options;
    if (transport === 'ws' && this.status === 101) {
      this.say({ type: 'subscribe', subscription: SUBSCRIPTION, since, window });
    }
    if (this.status < 300) this.begun.resolve();
  }

  private problemCame(body: Buffer): void {
    this.text += body.toString();
    if (!this.answer.isWhole) return;
    // A proxy whose upstream is away says nothing.
    this.problem = this.text === '' ? {} : JSON.parse(this.text);
    this.begun.resolve();
  }

  private framesCame(body: Buffer): void {
    for (const { opcode, payload } of this.frames.push(body)) {
      if (opcode === OPCODES.ping) this.socket.write(clientFrame(OPCODES.pong, payload));
      else if (opcode === OPCODES.close) this.closeCode = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      else if (opcode === OPCODES.text) this.messageCame(payload.toString());
    }
  }

  private messageCame(text: string): void {
    const { type, subscription, problem } = JSON.parse(text);
    if (type === 'error') this.errors.push(problem);
    if (subscription !== SUBSCRIPTION || ['subscribed', 'unsubscribed', 'error'].includes(type)) return;
    if (!text.startsWith(NAMED)) throw new Error(`a message does not begin with ${NAMED}: ${text}`);
    this.lineCame(`{${text.slice(NAMED.length)}`);
  }

  private textCame(text: string): void {
    const isSse = this.options.transport === 'sse';
    const parts = (this.text + text).split(isSse ? '\n\n' : '\n');
    this.text = parts.pop()!;
    for (const part of parts) {
      if (isSse) this.frameCame(part);
      else this.lineCame(part);
    }
  }

  private frameCame(frame: string): void {
    const id = /^id: (.*)$/m.exec(frame)?.[1];
    const data = /^data: (.*)$/m.exec(frame)?.[1];
    if (data !== undefined) {
      this.lineCame(data);
      if (id !== undefined && id !== this.cursor) throw new Error(`the id ${id} is not the cursor: ${data}`);
      return;
    }
    this.heartbeats++;
    if (id !== undefined) this.cursor = id;
  }

  private lineCame(line: string): void {
    const { type, id, cursor, stream, seq, transient, reason } = JSON.parse(line);
    if (transient === true) {
      this.transient++;
      return;
    }
    if (type === 'heartbeat') {
      this.heartbeats++;
      this.cursor = cursor ?? this.cursor;
      return;
    }
    if (type === 'closed') {
      this.closed = { reason, cursor };
      return;
    }
    const heard = intern({ id, type, stream, seq, cursor, line });
    this.heard.push(heard);
    this.cursor = cursor;
    this.acknowledge();
    this.options.onEvent?.(heard);
  }

  private acknowledge(): void {
    const { transport, window = USUAL_WINDOW, acknowledges = true } = this.options;
    if (transport !== 'ws' || !acknowledges) return;
    this.unacknowledged++;
    if (this.unacknowledged < window / 2) return;
    this.unacknowledged = 0;
    this.say({ type: 'ack', subscription: SUBSCRIPTION, cursor: this.cursor });
  }
}

function intern(heard: Heard): Heard {
  const before = known.get(heard.id);
  if (before?.line === heard.line) return before;
  if (before === undefined) known.set(heard.id, heard);
  return heard;
}

function requestOf({ url, key, transport, since }: ReaderOptions): string {
  const { host } = new URL(url);
  const head = [`host: ${host}`, `authorization: Bearer ${key}`];
  const query = new URLSearchParams({ since }).toString();
  switch (transport) {
    case 'ws': {
      const upgrade = ['connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'];
      const nonce = `sec-websocket-key: ${randomBytes(16).toString('base64')}`;
      return ['GET /v1/events/ws HTTP/1.1', ...head, ...upgrade, nonce, '', ''].join('\r\n');
    }
    case 'sse': {
      // As a browser goes on that was cut off.
      const last = /^(beginning|now.*)$/.test(since) ? [] : [`last-event-id: ${since}`];
      const path = `/v1/events/stream${last.length === 0 ? `?${query}` : ''}`;
      return [`GET ${path} HTTP/1.1`, ...head, 'accept: text/event-stream', ...last, '', ''].join('\r\n');
    }
    case 'ndjson':
      return [`GET /v1/events/stream?${query} HTTP/1.1`, ...head, '', ''].join('\r\n');
  }
}
