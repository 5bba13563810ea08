import { Buffer } from 'node:buffer';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

const PRODUCE = 0;

/** Stands between clients and one broker, and swallows the answers that it is told to. */
export class KafkaProxy {
  private readonly sockets = new Set<Socket>();
  private dropping: { produced: () => void } | null = null;

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
  ) {}

  static async to(address: string): Promise<KafkaProxy> {
    const [host, port] = address.split(':') as [string, string];
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new KafkaProxy(server, { host, port: Number(port) });
    server.on('connection', (client) => proxy.join(client));
    return proxy;
  }

  /** For a client's settings: whichever broker it means, it comes here. */
  get socketFactory(): ISocketFactory {
    const { port } = this.server.address() as AddressInfo;
    return ({ onConnect }) => connect({ host: '127.0.0.1', port }, onConnect);
  }

  /** The next send is done by the broker, and its answer is lost. Resolves when that has happened. */
  dropNextAnswer(): Promise<void> {
    return new Promise((resolve) => {
      this.dropping = { produced: resolve };
    });
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private join(client: Socket): void {
    const broker = connect(this.target);
    let lost: number | null = null;
    for (const [from, to] of [
      [client, broker],
      [broker, client],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        this.sockets.delete(from);
      });
    }
    client.on(
      'data',
      frames((frame) => {
        // Length (4), API key (2), API version (2), correlation id (4).
        if (this.dropping !== null && lost === null && frame.readInt16BE(4) === PRODUCE) lost = frame.readInt32BE(8);
        broker.write(frame);
      }),
    );
    broker.on(
      'data',
      frames((frame) => {
        if (frame.readInt32BE(4) === lost) {
          lost = null;
          this.dropping?.produced();
          this.dropping = null;
        } else client.write(frame);
      }),
    );
  }
}

/** Cuts a stream into Kafka's messages, each with its length before it. */
function frames(take: (frame: Buffer) => void): (chunk: Buffer) => void {
  let held = Buffer.alloc(0);
  return (chunk) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
      const end = 4 + held.readInt32BE(0);
      take(held.subarray(0, end));
      held = held.subarray(end);
    }
  };
}
