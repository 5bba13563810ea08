import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SinkOptions {
  /** So many deliveries are kept whole, the first ones. */
  keep: number;
  /** Whether it looks at the order of each stream at each path. */
  order: boolean;
}

export type SinkOrder = { ask: 'reset'; options: SinkOptions } | { ask: 'counts' } | { ask: 'kept' };

export interface PathCounts {
  count: number;
  /** When the first and the last came, on the clock of `process.hrtime`. */
  firstMs: number;
  lastMs: number;
}

export interface SinkCounts {
  paths: Record<string, PathCounts>;
  /** Deliveries whose sequence was not beyond all that came before of their stream. */
  wentBack: number;
}

export interface Delivery {
  path: string;
  /** The header `webhook-id`. */
  id: string;
  body: string;
  /** On the clock of `process.hrtime`, and on the wall's. */
  atMs: number;
  wallMs: number;
}

const LOOK_MS = 20;
/** Nothing more came for so long: nothing more is coming. */
const STALLED_MS = 30_000;

/** The outside receiver that product and floor send to. */
export class WebhookSink {
  private asking: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
  ) {}

  static async start(): Promise<WebhookSink> {
    const child = fork(join(import.meta.dirname, 'webhook-sink-server.js'), {
      env: { ...process.env, NODE_ENV: 'production' },
    });
    const [port] = (await once(child, 'message')) as [number];
    return new WebhookSink(child, port);
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Counts from nothing. */
  async reset(options: Partial<SinkOptions> = {}): Promise<void> {
    await this.ask({ ask: 'reset', options: { keep: 0, order: false, ...options } });
  }

  counts(): Promise<SinkCounts> {
    return this.ask({ ask: 'counts' });
  }

  kept(): Promise<Delivery[]> {
    return this.ask({ ask: 'kept' });
  }

  /** Resolves once at least so many came at these paths. Throws where nothing more comes. */
  async reached(count: number, paths: readonly string[]): Promise<SinkCounts> {
    let before = -1;
    let since = performance.now();
    for (;;) {
      const counts = await this.counts();
      const came = cameTo(counts, paths);
      if (came >= count) return counts;
      if (came > before) since = performance.now();
      else if (performance.now() - since > STALLED_MS)
        throw new Error(`${came} of ${count} deliveries came to the sink`);
      before = came;
      await sleep(LOOK_MS);
    }
  }

  async end(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.disconnect();
    await gone;
  }

  /** One at a time: answers bear no number. */
  private ask<T>(order: SinkOrder): Promise<T> {
    const answered = this.asking.then(async () => {
      const answer = once(this.child, 'message');
      this.child.send(order);
      return (await answer)[0] as T;
    });
    this.asking = answered;
    return answered;
  }
}

export function cameTo(counts: SinkCounts, paths: readonly string[]): number {
  return countsOf(counts, paths).reduce((sum, { count }) => sum + count, 0);
}

/** Deliveries a second to these paths, from the first one to the last; or from what was the last one before. */
export function rateOf(counts: SinkCounts, paths: readonly string[], before?: SinkCounts): number {
  const lastMs = latest(counts, paths);
  if (before !== undefined) {
    return (cameTo(counts, paths) - cameTo(before, paths)) / ((lastMs - latest(before, paths)) / 1000);
  }
  const firstMs = Math.min(...countsOf(counts, paths).map((one) => one.firstMs));
  return (cameTo(counts, paths) - 1) / ((lastMs - firstMs) / 1000);
}

function latest(counts: SinkCounts, paths: readonly string[]): number {
  return Math.max(...countsOf(counts, paths).map((one) => one.lastMs));
}

function countsOf(counts: SinkCounts, paths: readonly string[]): PathCounts[] {
  return paths.flatMap((path) => counts.paths[path] ?? []);
}
