import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { rateOf, type WebhookSink } from './webhook-sink.js';

export interface FloorRun {
  port: number;
  path: string;
  bodies: readonly string[];
  connections: number;
  seconds: number;
}

const CONNECTIONS = [4, 8, 16, 32, 64] as const;
const PATH = '/floor';
const WARM_UP_SECONDS = 3;

/** The floor in its own process, with as many connections as do best. */
export class WebhookFloor {
  private constructor(
    private readonly child: ChildProcess,
    private readonly sink: WebhookSink,
    private readonly bodies: readonly string[],
    readonly connections: number,
  ) {}

  /** With bodies that the product sent. */
  static async start(
    sink: WebhookSink,
    bodies: readonly string[],
    seconds: number,
    log: (line: string) => void,
  ): Promise<WebhookFloor> {
    const child = fork(join(import.meta.dirname, 'webhook-floor-client.js'), {
      env: { ...process.env, NODE_ENV: 'production' },
    });
    const floorOf = (connections: number) => new WebhookFloor(child, sink, bodies, connections);
    await floorOf(CONNECTIONS[0]).rate(WARM_UP_SECONDS);
    let best = { connections: 0, rate: 0 };
    for (const connections of CONNECTIONS) {
      const rate = await floorOf(connections).rate(seconds);
      log(`webhooks, floor with ${connections} connections: ${Math.round(rate)}/s`);
      if (rate > best.rate) best = { connections, rate };
    }
    return floorOf(best.connections);
  }

  /** What came to the sink a second. */
  async rate(seconds: number): Promise<number> {
    await this.sink.reset();
    const { sink, bodies, connections } = this;
    const order: FloorRun = { port: sink.port, path: PATH, bodies, connections, seconds };
    const done = once(this.child, 'message') as Promise<[{ error?: string }]>;
    this.child.send(order);
    const [{ error }] = await done;
    if (error !== undefined) throw new Error(`the floor of webhooks failed: ${error}`);
    return rateOf(await sink.counts(), [PATH]);
  }

  async end(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.disconnect();
    await gone;
  }
}
