import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';

export type Environment = Record<string, string>;

const START_MS = 120_000;

/** The built programs, as an operator would start them: nothing of our own environment reaches them. */
function run(program: string, args: readonly string[], env: Environment): ChildProcess {
  const clean = Object.entries(process.env).filter(
    ([name]) => !/^(HEDDLE_|KAFKA_|DATABASE_URL|NODE_OPTIONS)/.test(name),
  );
  return spawn(process.execPath, [join(packageRoot, 'dist', 'apps', program, 'main.js'), ...args], {
    env: { ...Object.fromEntries(clean), NODE_ENV: 'production', HEDDLE_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

/** What a program has printed: standard output and standard error. */
export interface Printed {
  out: string;
  err: string;
}

/** Every service in one process. */
export class ServerProgram {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    /** All that it has printed so far. */
    readonly said: () => Printed,
  ) {}

  /** Resolves when it has said that it is ready; rejects with its last words where it ends instead. */
  static async start(env: Environment): Promise<ServerProgram> {
    const child = run('heddle', [], { HEDDLE_PORT: '0', ...env });
    const { promise, resolve, reject } = Promise.withResolvers<ServerProgram>();
    let [out, err] = ['', ''];
    child.stderr!.on('data', (chunk) => {
      err += chunk;
    });
    child.stdout!.on('data', (chunk) => {
      out += chunk;
      const url = /http:\/\/[\d.]+:\d+/.exec(out)?.[0];
      if (out.endsWith('\n') && url !== undefined) resolve(new ServerProgram(child, url, () => ({ out, err })));
    });
    child.once('exit', (status) => reject(new Error(`The server ended with ${status}: ${out}${err}`)));
    const late = setTimeout(() => child.kill('SIGKILL'), START_MS);
    return promise.finally(() => clearTimeout(late));
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

export interface Told {
  status: number | null;
  out: string;
  err: string;
}

/** The command line, at its work. */
export class HeddleCommand {
  private readonly child: ChildProcess;
  /** What it said, once it has ended. */
  readonly told: Promise<Told>;

  constructor(args: readonly string[], env: Environment) {
    this.child = run('cli', args, env);
    const [out, err] = [text(this.child.stdout!), text(this.child.stderr!)];
    this.told = once(this.child, 'exit').then(async ([status]) => ({ status, out: await out, err: await err }));
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.told;
  }
}

export function heddle(env: Environment, ...args: string[]): Promise<Told> {
  return new HeddleCommand(args, env).told;
}

/** The one line of JSON that a command prints. Throws what it said instead. */
// biome-ignore lint/suspicious/noExplicitAny: looked at from outside, where nothing is known of its type.
export function resultOf({ status, out, err }: Told): any {
  if (status !== 0) throw new Error(`It ended with ${status}: ${err}${out}`);
  return JSON.parse(out);
}
