import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import { Problem } from '../kernel/problem.js';
import { MessageSocket } from './message-socket.js';

/** A client's message that is longer ends the connection: what a client says is small. */
export const MOST_MESSAGE_BYTES = 16 * 1024;

const server = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  maxPayload: MOST_MESSAGE_BYTES,
  // A context for packing takes 300 kB a connection.
  perMessageDeflate: false,
  // Whoever sends pings and reads nothing would fill the memory with answers.
  autoPong: false,
});
const answerHeaders = new WeakMap<IncomingMessage, string[]>();
server.on('headers', (lines, request) => lines.push(...(answerHeaders.get(request) ?? [])));

const wanted = new WeakMap<IncomingMessage, Upgrade>();
/** The key of RFC 6455, section 4.1: 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** A request to go on as a WebSocket (RFC 6455) on its connection. */
export class Upgrade {
  constructor(
    private readonly request: IncomingMessage,
    private readonly socket: Duplex,
    private readonly head: Buffer,
    private readonly response: ServerResponse,
    private readonly opened: Set<MessageSocket>,
  ) {}

  /** The upgrade that a request asks for; null for an ordinary request. */
  static of(request: IncomingMessage): Upgrade | null {
    return wanted.get(request) ?? null;
  }

  /** Throws `malformed_request` where the handshake cannot be done. */
  check(): void {
    const { 'sec-websocket-key': key, 'sec-websocket-version': version } = this.request.headers;
    if (version !== '13') throw malformed('Sec-WebSocket-Version must be 13');
    if (key === undefined || !KEY.test(key)) throw malformed('Sec-WebSocket-Key must be 16 bytes in base64');
  }

  /** Answers with 101. `headers` are names and values in turn. */
  complete(headers: readonly string[], open: (socket: MessageSocket) => void): void {
    const lines = headers.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${headers[i + 1]}`] : []));
    answerHeaders.set(this.request, lines);
    this.response.statusCode = 101;
    this.response.detachSocket(this.socket as Socket);
    server.handleUpgrade(this.request, this.socket, this.head, (webSocket: WebSocket) => {
      const socket = new MessageSocket(webSocket, this.socket);
      this.opened.add(socket);
      webSocket.once('close', () => this.opened.delete(socket));
      open(socket);
    });
  }
}

function malformed(what: string): Problem {
  return new Problem('malformed_request', `The WebSocket's handshake is wrong: ${what} (RFC 6455).`);
}

/**
 * Whether a request is to be asked for as an upgrade at all: Node takes any other with an Upgrade header, such as that for
 * HTTP/2 without TLS, as the ordinary request that it is.
 */
export function asksForWebSocket(paths: ReadonlySet<string>): (request: IncomingMessage) => boolean {
  return ({ method, url, headers }) =>
    method === 'GET' && paths.has(url!.split('?', 1)[0]!) && headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Sends upgrades through the same routes as all requests, so that each is refused by an answer of HTTP. What has become of
 * them is closed with the server.
 */
export function routeUpgrades(fastify: FastifyInstance): void {
  const opened = new Set<MessageSocket>();
  fastify.addHook('preClose', (done) => {
    for (const socket of opened) socket.close('going_away', 'shutdown');
    done();
  });
  fastify.server.on('upgrade', (request, socket, head) => {
    // From here on nobody else hears what goes wrong with it.
    socket.on('error', () => socket.destroy());
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket as Socket);
    response.once('finish', () => socket.end());
    wanted.set(request, new Upgrade(request, socket, head, response, opened));
    fastify.routing(request as never, response as never);
  });
}
