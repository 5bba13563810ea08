import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { packageRoot } from '../../../libs/platform/postgres/package-root.js';
import type { Printed } from '../programs.js';

const PROGRAM = join(packageRoot, 'dist', 'apps', 'heddle', 'main.js');
const START_MS = 110_000;

type Environment = Record<string, string>;

function run(args: readonly string[], env: Environment): ChildProcess {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not there: run npm run build.`);
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(HEDDLE_|KAFKA_|DATABASE_URL|NODE_OPTIONS)/.test(name),
  );
  return spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...Object.fromEntries(clean), NODE_ENV: 'production', HEDDLE_LOG_LEVEL: 'warn', ...env },
    // With the channel it ends when these tests are killed.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

/** One service as a process of its own, as an operator would start it: the built program. */
export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** What it printed when it was ready. */
    readonly greeting: string,
    readonly url: string,
    /** All that it has printed so far. */
    readonly said: () => Printed,
  ) {}

  /** What it has logged so far. */
  logged(): Record<string, unknown>[] {
    const lines = this.said().err.split('\n').slice(0, -1);
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Resolves when it has said that it is ready; rejects with its last words where it ends instead. */
  static async start(service: string, env: Environment): Promise<ServiceProcess> {
    const child = run(['--service', service], { HEDDLE_PORT: '0', ...env });
    const { promise, resolve, reject } = Promise.withResolvers<ServiceProcess>();
    let [out, err] = ['', ''];
    child.stderr!.on('data', (chunk) => {
      err += chunk;
    });
    child.stdout!.on('data', (chunk) => {
      out += chunk;
      const url = /http:\/\/\S+/.exec(out)?.[0];
      if (out.endsWith('\n') && url !== undefined)
        resolve(new ServiceProcess(child, out.trim(), url, () => ({ out, err })));
    });
    child.once('exit', (status) => reject(new Error(`--service ${service} ended with ${status}: ${out}${err}`)));
    const late = setTimeout(() => child.kill('SIGKILL'), START_MS);
    return promise.finally(() => clearTimeout(late));
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
  }
}

/** Runs the program to its end, where it is to refuse the start: its exit status and what it said. */
export async function refusedStart(
  args: readonly string[],
  env: Environment,
): Promise<{ status: number; said: string }> {
  const child = run(args, env);
  const said = Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [status] = (await once(child, 'exit')) as [number];
  return { status, said: (await said).join('').trim() };
}
