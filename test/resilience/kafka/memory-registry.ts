import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { freePort } from '../free-port.js';

/** A schema registry with as much of Confluent's API as producers and consumers use, that can go away and come back. */
export class MemoryRegistry {
  readonly #schemas: string[] = [];
  readonly #levels = new Map<string, string>();
  #server: Server | null = null;
  /** Requests that it has answered. */
  answered = 0;

  private constructor(readonly port: number) {}

  static async open(): Promise<MemoryRegistry> {
    const registry = new MemoryRegistry(await freePort());
    await registry.comeBack();
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Nobody listens on its port from here on. */
  async goAway(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async comeBack(): Promise<void> {
    const server = createServer(async (asked, answer) => {
      const [status, body] = this.#answer(asked.method!, asked.url!.split('?')[0]!, await text(asked));
      this.answered++;
      answer.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
      answer.end(JSON.stringify(body));
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
  }

  #answer(method: string, path: string, body: string): [number, object] {
    const id = /^\/schemas\/ids\/(\d+)$/.exec(path)?.[1];
    if (id !== undefined) {
      const schema = this.#schemas[Number(id) - 1];
      return schema === undefined ? [404, { error_code: 40403, message: 'Schema not found' }] : [200, { schema }];
    }
    if (method === 'POST' && /^\/subjects\/[^/]+\/versions$/.test(path)) {
      const { schema } = JSON.parse(body) as { schema: string };
      if (!this.#schemas.includes(schema)) this.#schemas.push(schema);
      return [200, { id: this.#schemas.indexOf(schema) + 1 }];
    }
    const subject = /^\/config\/([^/]+)$/.exec(path)?.[1];
    if (subject === undefined) return [404, { error_code: 404, message: 'HTTP 404 Not Found' }];
    if (method === 'PUT') this.#levels.set(subject, (JSON.parse(body) as { compatibility: string }).compatibility);
    const compatibility = this.#levels.get(subject);
    if (compatibility === undefined) return [404, { error_code: 40408, message: 'The subject has no level' }];
    return [200, method === 'PUT' ? { compatibility } : { compatibilityLevel: compatibility }];
  }
}
