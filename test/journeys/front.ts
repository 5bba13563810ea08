import { type ClientRequest, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { INTERNAL_PATHS, pathsOf, SERVES_THE_REST, SERVICES } from '../../apps/services.js';

/** One address in front of services apart, by the same table as docker-compose.yml's proxy; several of one in turn. */
export class Front {
  private next = 0;

  private constructor(
    private readonly server: Server,
    private readonly addresses: Readonly<Record<string, readonly string[]>>,
  ) {}

  static async before(addresses: Readonly<Record<string, readonly string[]>>): Promise<Front> {
    const server = createServer();
    const front = new Front(server, addresses);
    server.on('request', (asked, answer) => {
      const path = asked.url!.split('?')[0]!;
      if (INTERNAL_PATHS.includes(path)) {
        answer.writeHead(404).end();
        return;
      }
      const { method, headers } = asked;
      const passedOn: ClientRequest = request(front.addressFor(path) + asked.url, { method, headers }, (its) => {
        answer.writeHead(its.statusCode!, its.headers);
        its.pipe(answer);
      });
      passedOn.on('error', () => answer.writeHead(502).end());
      asked.pipe(passedOn);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private addressFor(path: string): string {
    const service = SERVICES.find((one) => pathsOf(one).some((its) => path === its || path.startsWith(`${its}/`)));
    const addresses = this.addresses[service?.name ?? SERVES_THE_REST]!;
    return addresses[this.next++ % addresses.length]!;
  }
}
