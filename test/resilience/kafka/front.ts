import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ServiceName = 'relay' | 'access' | 'conversation' | 'analytics' | 'ingest' | 'events' | 'webhooks';

const SERVICE_OF: readonly [RegExp, ServiceName][] = [
  [/^\/v1\/(conversations|customers|users|ai_agents|import)\b/, 'conversation'],
  [/^\/v1\/analytics\b/, 'analytics'],
  [/^\/v1\/events\b/, 'events'],
  [/^\/v1\/webhook_endpoints\b/, 'webhooks'],
];

/**
 * One address in front of services apart. A service that does not answer breaks the client's connection, as a proxy's
 * own death would: the client sends again under the same key.
 */
export class Front {
  #next = 0;

  private constructor(
    private readonly server: Server,
    private readonly portsOf: (service: ServiceName) => readonly number[],
  ) {}

  /** `portsOf` is asked for each request. */
  static async open(portsOf: (service: ServiceName) => readonly number[]): Promise<Front> {
    const server = createServer();
    // Clients keep connections for as long as they like: none is to be closed in the moment in which it is used again.
    server.keepAliveTimeout = 0;
    const front = new Front(server, portsOf);
    server.on('request', (asked, answer) => {
      const { method, headers, url } = asked;
      const port = front.#portFor(url!);
      const on = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (its) => {
        answer.writeHead(its.statusCode!, its.headers);
        its.pipe(answer);
        its.on('error', () => answer.destroy());
      });
      on.on('error', () => answer.destroy());
      asked.on('error', () => on.destroy());
      asked.pipe(on);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return front;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #portFor(url: string): number {
    const service = SERVICE_OF.find(([paths]) => paths.test(url))?.[1] ?? 'access';
    const ports = this.portsOf(service);
    return ports[this.#next++ % ports.length]!;
  }
}
