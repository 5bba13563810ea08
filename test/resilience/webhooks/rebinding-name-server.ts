import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const TYPE_A = 1;
const ANSWER = 0x8180;
/** A pointer to the question's name, type A, class IN, for no time at all, four bytes. */
const RECORD = Buffer.from([0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4]);

/** A name server (RFC 1035) that answers each question for an address with the next of its list, and begins anew at its end. */
export class RebindingNameServer {
  /** How often each address was given out. */
  readonly given = new Map<string, number>();
  private asked = 0;

  private constructor(
    private readonly socket: Socket,
    private readonly addresses: readonly string[],
  ) {
    socket.on('message', (question, from) => socket.send(this.answerTo(question), from.port, from.address));
  }

  static async start(addresses: readonly string[]): Promise<RebindingNameServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new RebindingNameServer(socket, addresses);
  }

  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  close(): void {
    this.socket.close();
  }

  private answerTo(message: Buffer): Buffer {
    let end = 12;
    while (message[end] !== 0) end += message[end]! + 1;
    const type = message.readUInt16BE(end + 1);
    const question = message.subarray(12, end + 5);
    const head = Buffer.alloc(12);
    message.copy(head, 0, 0, 2);
    head.writeUInt16BE(ANSWER, 2);
    head.writeUInt16BE(1, 4);
    if (type !== TYPE_A) return Buffer.concat([head, question]);
    head.writeUInt16BE(1, 6);
    const address = this.addresses[this.asked++ % this.addresses.length]!;
    this.given.set(address, (this.given.get(address) ?? 0) + 1);
    return Buffer.concat([head, question, RECORD, Buffer.from(address.split('.').map(Number))]);
  }
}
