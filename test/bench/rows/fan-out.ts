import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../resilience/free-port.js';
import { JsonOverHttp } from '../../resilience/json-over-http.js';
import { makeWorkspace } from '../../resilience/workspace.js';
import { type Bench, settle, startProduct } from '../bench.js';
import { type Figure, median, perSecond, times } from '../figures.js';

const READERS = 1000;
const MESSAGES = 300;
const TARGET_RATIO = 0.5;
const FRAME = Buffer.from('\ndata: {"type":"message.created"');
const CUT_FRAME = FRAME.length - 1;

/** A burst of messages to 1,000 readers of all events, beside a bare server that writes the same bytes to as many. */
export async function fanOut(bench: Bench): Promise<Figure[]> {
  const server = await startProduct(bench, 'fan-out');
  const floorPort = await freePort();
  const floor = fork(join(import.meta.dirname, '..', 'fanout-floor-server.js'), {
    env: { ...process.env, NODE_ENV: 'production', FLOOR_PORT: String(floorPort) },
  });
  try {
    await once(floor, 'message');
    const { port } = server.settings;
    const { key, customer, conversations } = await makeWorkspace(port, bench.rootKey, 50);
    const client = new JsonOverHttp(port, key);
    const ours = await Readers.open(port, key);
    const bare = await Readers.open(floorPort, key);
    await settle(server);
    const [rates, floors]: number[][] = [[], []];
    for (let round = 0; round <= bench.rounds; round++) {
      const rate = await ours.rateOf(() => burst(client, conversations, customer));
      const frames = ours.lastFrames();
      const floorRate = await bare.rateOf(() => sendAll(floor, frames));
      // The first warms up.
      if (round > 0) {
        rates!.push(rate);
        floors!.push(floorRate);
      }
      bench.log(`fan-out, round ${round}: ${perSecond(rate)}, floor ${perSecond(floorRate)}`);
      await settle(server);
    }
    client.close();
    ours.close();
    bare.close();
    const [rate, floorRate] = [median(rates!), median(floors!)];
    return [
      {
        row: 'fan-out',
        what: `events given to ${READERS} SSE readers, in bursts of ${MESSAGES}`,
        value: `${perSecond(rate)} = ${times(rate / floorRate)}`,
        floor: `${perSecond(floorRate)} (a bare server, the same bytes)`,
        target: `≥ ${TARGET_RATIO} ×`,
        met: rate >= TARGET_RATIO * floorRate,
        numbers: { events_per_s: rate, floor_events_per_s: floorRate, ratio: rate / floorRate },
      },
    ];
  } finally {
    floor.disconnect();
    await server.end();
  }
}

async function burst(client: JsonOverHttp, conversations: readonly string[], customer: string): Promise<void> {
  const body = {
    author: { type: 'customer', id: customer },
    type: 'text',
    text: 'Where is the parcel now? '.repeat(8),
  };
  await Promise.all(
    Array.from({ length: MESSAGES }, (_, n) =>
      client.must('POST', `/v1/conversations/${conversations[n % conversations.length]}/messages`, body),
    ),
  );
}

async function sendAll(floor: ChildProcess, frames: readonly string[]): Promise<void> {
  floor.send(frames);
}

/** Streams of server-sent events whose frames are counted, and not looked at otherwise; the first keeps what it was given. */
class Readers {
  private readonly counts = new Array<number>(READERS).fill(0);
  private kept = '';
  private complete = 0;
  private began = 0;
  private done: PromiseWithResolvers<void> | null = null;

  private constructor(private readonly sockets: Socket[]) {}

  static async open(port: number, key: string): Promise<Readers> {
    const sockets: Socket[] = [];
    const readers = new Readers(sockets);
    for (let n = 0; n < READERS; n++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      const head = ['host: bench', `authorization: Bearer ${key}`, 'accept: text/event-stream', '', ''].join('\r\n');
      socket.write(`GET /v1/events/stream HTTP/1.1\r\n${head}`);
      await once(socket, 'data');
      let rest: Buffer = Buffer.alloc(0);
      socket.on('data', (bytes: Buffer) => {
        readers.took(n, rest.length === 0 ? bytes : Buffer.concat([rest, bytes]));
        rest = bytes.subarray(Math.max(0, bytes.length - CUT_FRAME));
      });
      sockets.push(socket);
    }
    return readers;
  }

  /** Events a second, of all readers together: from the first that any of them is given to the last of all. */
  async rateOf(work: () => Promise<void>): Promise<number> {
    this.counts.fill(0);
    this.complete = 0;
    this.began = 0;
    this.kept = '';
    this.done = Promise.withResolvers();
    await Promise.all([work(), this.done.promise]);
    const seconds = (performance.now() - this.began) / 1000;
    await sleep(100);
    return (READERS * MESSAGES) / seconds;
  }

  /** The frames of the last round, as the first reader was given them. */
  lastFrames(): string[] {
    const frames = this.kept.split('\n\n').filter((frame) => frame.includes('data: {"type":"message.created"'));
    // Behind the size of a chunk.
    return frames.map((frame) => `${frame.slice(frame.indexOf('id: '))}\n\n`);
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private took(reader: number, bytes: Buffer): void {
    this.began ||= performance.now();
    if (reader === 0) this.kept += bytes.toString('latin1');
    for (let at = bytes.indexOf(FRAME); at !== -1; at = bytes.indexOf(FRAME, at + 1)) {
      this.counts[reader]!++;
      if (this.counts[reader] === MESSAGES) this.complete++;
    }
    if (this.complete === READERS) this.done?.resolve();
  }
}
