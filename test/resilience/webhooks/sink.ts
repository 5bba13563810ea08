import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keepTrack } from '../living.js';
import type { Arrival, SinkOrder, SinkPath, SinkProgress, SinkReport } from './arrival.js';

/** The outside receiver, seen from here. */
export class Sink {
  private asking: Promise<unknown> = Promise.resolve();
  private readonly untrack = keepTrack(() => this.end());

  private constructor(
    private readonly child: ChildProcess,
    readonly port: number,
    private readonly folder: string,
  ) {}

  static async start(folder: string): Promise<Sink> {
    const child = fork(join(import.meta.dirname, 'sink-server.js'), { env: { ...process.env, NODE_OPTIONS: '' } });
    const [port] = (await once(child, 'message')) as [number];
    return new Sink(child, port, folder);
  }

  url(path: string, host = '127.0.0.2'): string {
    return `http://${host}:${this.port}${path}`;
  }

  async expect(paths: Record<string, SinkPath>): Promise<void> {
    await this.ask({ ask: 'expect', paths });
  }

  async hold(): Promise<void> {
    await this.ask({ ask: 'hold' });
  }

  async release(): Promise<void> {
    await this.ask({ ask: 'release' });
  }

  progress(): Promise<SinkProgress> {
    return this.ask({ ask: 'progress' });
  }

  /** Everything that came so far. */
  async report(): Promise<SinkReport> {
    const file = join(this.folder, 'arrivals.jsonl');
    await this.ask({ ask: 'report', file });
    const arrivals: Arrival[] = [];
    const bodies = new Map<string, string>();
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      if (line === '') continue;
      const read = JSON.parse(line) as Arrival | { body: [string, string] };
      if ('body' in read) bodies.set(...read.body);
      else arrivals.push(read);
    }
    return { arrivals, bodies };
  }

  async end(): Promise<void> {
    this.untrack();
    if (!this.child.connected) return;
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
    this.asking = answered.catch(() => undefined);
    return answered;
  }
}
