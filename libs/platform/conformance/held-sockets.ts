import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { KafkaConfig } from 'kafkajs';

type SocketFactory = NonNullable<KafkaConfig['socketFactory']>;

const require = createRequire(import.meta.url);
const usualSockets = require('kafkajs/src/network/socketFactory') as () => SocketFactory;

/** The connections of one client of kafkajs, which can be made to say nothing, or ended for good. */
export class HeldSockets {
  private readonly sockets = new Set<Socket>();
  private readonly usual = usualSockets();
  private holds = false;
  private severed = false;

  readonly factory: SocketFactory = (of) => {
    const socket = this.usual(of) as Socket;
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    if (this.severed) socket.destroy(new Error('The connection was severed.'));
    else if (this.holds) this.holdOne(socket);
    return socket;
  };

  /** What is written waits, what comes is not read, and the connections stay. */
  hold(): void {
    this.holds = true;
    for (const socket of this.sockets) this.holdOne(socket);
  }

  release(): void {
    this.holds = false;
    for (const socket of this.sockets) {
      socket.uncork();
      socket.resume();
    }
  }

  sever(): void {
    this.severed = true;
    for (const socket of this.sockets) socket.destroy();
  }

  private holdOne(socket: Socket): void {
    socket.cork();
    socket.pause();
  }
}
