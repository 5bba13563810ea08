import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { INTERNAL_PATHS, serviceFor } from '../../../apps/services.js';

/** One address in front of services apart, by the same table as docker-compose.yml's proxy; several of one in turn. */
export class Front {
  private next = 0;
  private readonly upgraded = new Set<Duplex>();

  private constructor(
    private readonly server: Server,
    private readonly addresses: Readonly<Record<string, readonly string[]>>,
  ) {}

  static async before(addresses: Readonly<Record<string, readonly string[]>>, port = 0): Promise<Front> {
    // Longer than a client that is held up keeps a connection for its next request.
    const server = createServer({ keepAliveTimeout: 600_000 });
    const front = new Front(server, addresses);
    server.on('request', (asked, answer) => front.pass(asked, answer));
    server.on('upgrade', (asked, socket, head) => front.passUpgrade(asked, socket, head));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    this.server.closeAllConnections();
    for (const socket of this.upgraded) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const path = asked.url!.split('?')[0]!;
    if (INTERNAL_PATHS.includes(path)) {
      answer.writeHead(404).end();
      return;
    }
    const { method, headers } = asked;
    const passedOn: ClientRequest = request(
      this.addressFor(asked.method!, path) + asked.url,
      { method, headers },
      (its) => {
        // How long a connection is kept is said of one connection: RFC 9110, section 7.6.1.
        const { 'keep-alive': _, ...passed } = its.headers;
        answer.writeHead(its.statusCode!, passed);
        // A stream may have nothing to say for a while.
        answer.flushHeaders();
        its.pipe(answer);
        its.on('error', () => answer.destroy());
      },
    );
    passedOn.on('error', () => {
      if (answer.headersSent) answer.destroy();
      else answer.writeHead(502).end();
    });
    // Whoever goes away is gone for the service, too.
    answer.on('close', () => {
      if (!answer.writableFinished) passedOn.destroy();
    });
    asked.pipe(passedOn);
  }

  /** What becomes of a connection that is a WebSocket from then on, or was refused. */
  private passUpgrade({ method, url, headers }: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.upgraded.add(socket);
    socket.on('close', () => this.upgraded.delete(socket));
    const address = this.addressFor(method!, url!.split('?')[0]!);
    const passedOn = request(address + url, { method: method!, headers });
    passedOn.on('upgrade', (its, other, otherHead) => {
      socket.write(headOf(its));
      socket.write(otherHead);
      other.write(head);
      socket.pipe(other).pipe(socket);
      for (const [one, another] of [
        [socket, other],
        [other, socket],
      ] as const) {
        one.on('error', () => another.destroy());
        one.on('close', () => another.destroy());
      }
    });
    passedOn.on('response', (its) => {
      socket.write(headOf(its));
      its.pipe(socket);
    });
    passedOn.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nconnection: close\r\n\r\n'));
    socket.on('error', () => passedOn.destroy());
    socket.on('close', () => passedOn.destroy());
    passedOn.end();
  }

  private addressFor(method: string, path: string): string {
    const addresses = this.addresses[serviceFor(method, path)]!;
    return addresses[this.next++ % addresses.length]!;
  }
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  const lines = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1]}`] : []));
  return [`HTTP/1.1 ${statusCode} ${statusMessage}`, ...lines, '', ''].join('\r\n');
}
