import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { LoggedLine, RelayBench } from './relay-bench.fixture.js';

const FOLDER = pathToFileURL(`${process.cwd()}/libs/platform/`).href;
const PROGRAM = `
const { importFromSource } = await import('${FOLDER}testing/from-source.mjs');
await importFromSource('${FOLDER}relay/relay-process.fixture.ts');`;
const NODE = ['--experimental-transform-types', '--no-warnings', '--input-type=module', '-e', PROGRAM];

/** A relay in a process of its own, which uses the schema ids that another one has recorded. */
export class SpawnedRelay {
  readonly lines: LoggedLine[] = [];
  private readonly child: ChildProcess;

  constructor(bench: RelayBench, leaseMs = 1000) {
    const { databaseUrl, kafka, topicPrefix, pollMs } = bench.options();
    const options = JSON.stringify({ options: { databaseUrl, kafka, topicPrefix, pollMs, leaseMs } });
    this.child = spawn(process.execPath, [...NODE, options], { stdio: ['ignore', 'pipe', 'pipe'] });
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
