import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a receiver was sent. */
export interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  /** Its bytes, as text. */
  text: string;
  body: {
    type: string;
    id: string;
    stream: string;
    sequence: number;
    position: number;
    idempotency_key: string;
    data: Record<string, unknown>;
  };
}

/** A receiver on loopback, which keeps all that it is sent and answers as it is told. */
export class Receiver {
  readonly received: Received[] = [];
  private readonly server: Server;

  constructor(answer: (received: Received) => number | Promise<number> = () => 204) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', async () => {
        const text = Buffer.concat(chunks).toString();
        const { url = '', headers } = request;
        const received = { path: url, headers, text, body: JSON.parse(text) as Received['body'] };
        this.received.push(received);
        response.writeHead(await answer(received)).end();
      });
    });
  }

  /** Resolves with its URL. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Of the path that an endpoint has. */
  at(path: string): Received[] {
    return this.received.filter((one) => one.path === path);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
