import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReady } from './json-over-http.js';
import { keepTrack } from './living.js';
import { endAll, listenerOn, processesNaming, signal } from './processes.js';
import { REPOSITORY_ROOT } from './repository-root.js';

/** `program`: the built server itself; `launcher`: through scripts/launch.mjs; `npm`: the whole chain of `npm start`. */
export type StartedBy = 'program' | 'launcher' | 'npm';

const COMMANDS: Record<StartedBy, [string, ...string[]]> = {
  program: [process.execPath, 'dist/apps/heddle/main.js'],
  launcher: [process.execPath, 'scripts/launch.mjs', 'start'],
  npm: ['npm', 'start'],
};

export interface ServerSettings {
  port: number;
  /** Absolute, and of this server alone: its processes are found by it. */
  dataDir: string;
  rootKey: string;
  /** Null: the server brings its own Postgres. */
  databaseUrl: string | null;
  /** One service alone; left out: all of them. Only of `program`. */
  service?: string;
  /** Further variables. */
  env?: Readonly<Record<string, string>>;
}

/** A server of the product, started as its users would, on one port and one data directory, any number of times. */
export class ServerProcess {
  #child: ChildProcess | null = null;
  /** True once `end` was called: its exit is then no news. */
  ending = false;
  readonly #untrack: () => void;

  constructor(
    readonly settings: ServerSettings,
    readonly startedBy: StartedBy,
    /** Where its output goes. */
    readonly logFile = `${settings.dataDir}.log`,
  ) {
    mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
    this.#untrack = keepTrack(() => this.end());
  }

  /** Spawns the command; see `ready` for when it answers. */
  spawn(): ChildProcess {
    this.ending = false;
    const { port, dataDir, rootKey, databaseUrl, service, env: more = {} } = this.settings;
    // Without npm's own variables: the launcher would believe that it runs under the npm that runs us.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^(npm_|HEDDLE_|KAFKA_|SCHEMA_REGISTRY_|DATABASE_URL$|NODE_OPTIONS$)/i.test(name),
      ),
    );
    const log = openSync(this.logFile, 'a', 0o600);
    const [file, ...args] = COMMANDS[this.startedBy];
    this.#child = spawn(file, [...args, ...(service === undefined ? [] : ['--service', service])], {
      cwd: REPOSITORY_ROOT,
      env: {
        ...env,
        PATH: `${join(process.execPath, '..')}:${process.env.PATH}`,
        NODE_ENV: 'production',
        HEDDLE_PORT: String(port),
        HEDDLE_DATA_DIR: dataDir,
        HEDDLE_ROOT_KEY: rootKey,
        HEDDLE_LOG_LEVEL: 'warn',
        ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
        ...more,
      },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.#child.on('error', () => {});
    return this.#child;
  }

  /** Resolves to how long it took, in ms, until `/readyz` answered 200. Rejects at `withinMs`, or when the start failed. */
  async ready(withinMs: number): Promise<number> {
    const began = performance.now();
    while (performance.now() - began < withinMs) {
      if (await isReady(this.settings.port)) return performance.now() - began;
      if (this.hasEnded) throw new Error(`the start ended before the server was ready; it said: ${this.lastWords}`);
      await sleep(20);
    }
    throw new Error(`not ready within ${withinMs} ms; it said: ${this.lastWords}`);
  }

  async start(withinMs = 60_000): Promise<number> {
    this.spawn();
    return this.ready(withinMs);
  }

  get hasEnded(): boolean {
    return this.#child === null || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves once what was spawned last has ended, which somebody has to have seen to. */
  async ended(): Promise<void> {
    while (!this.hasEnded) await sleep(20);
  }

  /** Ends it in order; it may be started again. */
  async stop(): Promise<void> {
    this.ending = true;
    signal(this.pid, 'SIGTERM');
    await this.ended();
  }

  /** Of the process that listens on the port. */
  get pid(): number {
    const pid = listenerOn(this.settings.port);
    if (pid === null) throw new Error(`nobody listens on port ${this.settings.port}`);
    return pid;
  }

  /** Of the Postgres that the server brought. */
  get postmaster(): number {
    return Number(readFileSync(join(this.settings.dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
  }

  /** The database that the server uses: its own one's URL stands in the data directory while it runs. */
  get databaseUrl(): string {
    return this.settings.databaseUrl ?? readFileSync(join(this.settings.dataDir, 'postgres-url'), 'utf8').trim();
  }

  get lastWords(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').trim().slice(-600) : 'nothing';
  }

  /** Ends the server, which ends its Postgres and its launcher, and after 10 s whatever still has its data directory. */
  async end(): Promise<void> {
    this.ending = true;
    const { port, dataDir } = this.settings;
    const server = listenerOn(port);
    if (server !== null && processesNaming(dataDir).includes(server)) signal(server, 'SIGTERM');
    const deadline = performance.now() + (server === null ? 0 : 10_000);
    while (processesNaming(dataDir).length > 0 && performance.now() < deadline) await sleep(50);
    for (let round = 0; round < 3 && processesNaming(dataDir).length > 0; round++) {
      await endAll(processesNaming(dataDir), 2000);
    }
    this.#child = null;
    this.#untrack();
  }
}
