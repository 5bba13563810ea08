import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { INTERNAL_PATHS, pathsOf, SERVES_THE_REST, SERVICES } from '../../../apps/services.js';

/** One address in front of services apart, by the same table as docker-compose.yml's proxy; several of one in turn. */
export class Front {
  private next = 0;

  private constructor(
    private readonly server: Server,
    private readonly addresses: Readonly<Record<string, readonly string[]>>,
  ) {}

  static async before(addresses: Readonly<Record<string, readonly string[]>>, port = 0): Promise<Front> {
    // Longer than a client that is held up keeps a connection for its next request.
    const server = createServer({ keepAliveTimeout: 600_000 });
    const front = new Front(server, addresses);
    server.on('request', (asked, answer) => front.pass(asked, answer));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const path = asked.url!.split('?')[0]!;
    if (INTERNAL_PATHS.includes(path)) {
      answer.writeHead(404).end();
      return;
    }
    const { method, headers } = asked;
    const passedOn: ClientRequest = request(this.addressFor(path) + asked.url, { method, headers }, (its) => {
      // How long a connection is kept is said of one connection: RFC 9110, section 7.6.1.
      const { 'keep-alive': _, ...passed } = its.headers;
      answer.writeHead(its.statusCode!, passed);
      its.pipe(answer);
      its.on('error', () => answer.destroy());
    });
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

  private addressFor(path: string): string {
    const service = SERVICES.find((one) => pathsOf(one).some((its) => path === its || path.startsWith(`${its}/`)));
    const addresses = this.addresses[service?.name ?? SERVES_THE_REST]!;
    return addresses[this.next++ % addresses.length]!;
  }
}
