import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { spawnSource } from '../testing/source-process.js';
import type { LoggedLine, RelayBench } from './relay-bench.fixture.js';

const FILE = fileURLToPath(new URL('relay-process.fixture.ts', import.meta.url));

/** A relay in a process of its own, which uses the schema ids that another one has recorded. */
export class SpawnedRelay {
  readonly lines: LoggedLine[] = [];
  private readonly child: ChildProcess;

  constructor(bench: RelayBench, leaseMs = 1000) {
    const { databaseUrl, kafka, topicPrefix, pollMs } = bench.options();
    const options = { databaseUrl, kafka, topicPrefix, pollMs, leaseMs };
    this.child = spawnSource(FILE, { options }, ['ignore', 'pipe', 'pipe']);
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line.startsWith('{') ? JSON.parse(line) : { level: 60, msg: line });
      });
    }
  }

  get pid(): number {
    return this.child.pid!;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}
