import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../settings/startup-error.js';
import { REQUIRE_SCRAM } from './client.js';
import { DataDirectoryError, writePrivateFile } from './data-directory.js';
import { findBinaries, type PostgresBinaries } from './embedded-binaries.js';
import { ensureCluster, readableBinaries, SUPERUSER } from './embedded-cluster.js';
import { postgresEnvironment } from './embedded-environment.js';
import { chooseIdentity, giveTo, type Identity, type IdentityKind } from './embedded-identity.js';
import { asArguments, SERVER_SETTINGS } from './embedded-options.js';
import { endOrphan, endStrays, readPostmasterPid } from './embedded-orphan.js';

export interface EmbeddedPostgres {
  /**
   * Of the superuser, with the password, on the database `postgres`. A client made by newClient gives the password to
   * no other program that listens on the port meanwhile.
   */
  readonly url: string;
  /** The same from the first start to `stop`, whatever happens to the server. */
  readonly port: number;
  /** Of the postmaster that runs now; changes when it was started again. */
  readonly pid: number;
  /** A fast shutdown: open transactions are rolled back, a checkpoint is written. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Held by this process (openDataDirectory). The cluster is its folder `postgres`. */
  dataDir: string;
  /** One line without a newline: a restart and its cause, a long recovery. */
  onLog?: (line: string) => void;
  /** Server settings besides, and over, SERVER_SETTINGS. */
  settings?: Readonly<Record<string, string>>;
  /** As whom to run; chosen by what the host allows if not given. */
  identity?: IdentityKind;
}

const POLL_MS = 10;
const RETRY_MS = 100;
/** A full disk may take hours to be noticed: the tries become rarer up to this. */
const RETRY_LIMIT_MS = 2_000;
const RETRIES_BEFORE_FAILURE = 30;
const SLOW_MS = 3_000;
const STOP_FAST_MS = 8_000;
const STOP_IMMEDIATE_MS = 3_000;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/** Below the ranges from which kernels draw the ports of outgoing connections: a restart has to get the same one again. */
const PORTS = { from: 20_000, to: 32_000 };

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function choosePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
  throw new StartupError(`No free port from ${PORTS.from} to ${PORTS.to} on 127.0.0.1 for Postgres: close some.`);
}

/** Keeps one older log beside the present one, 10 MB each. */
function rotateLog(log: string): void {
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) renameSync(log, `${log}.1`);
}

/** The last reason in the part of the server's log that was written since `from` bytes. */
function lastWords(log: string, from: number): string {
  try {
    const lines = readFileSync(log).subarray(from).toString('utf8').trim().split('\n');
    const reason = lines.findLast((line) => /(FATAL|PANIC|error):/.test(line)) ?? lines.at(-1) ?? '';
    return reason.replace(/^.*?(FATAL|PANIC|LOG):\s*/, '').trim() || 'it said nothing';
  } catch {
    return 'it said nothing';
  }
}

/** What a start of the server takes; the same for every start. */
interface Server {
  cluster: string;
  log: string;
  binaries: PostgresBinaries;
  identity: Identity;
  settings: Readonly<Record<string, string>>;
  onLog: (line: string) => void;
}

class Postmaster {
  pid = 0;
  private readonly server: Server;
  private child: ChildProcess | null = null;
  private ended: Promise<string> = Promise.resolve('');
  private stopping = false;
  private supervision: Promise<void> = Promise.resolve();

  constructor(server: Server) {
    this.server = server;
  }

  /** Spawns the server and waits until it takes connections. Resolves to null then, or to why it ended instead. */
  private async tryOnce(port: number): Promise<string | null> {
    const { cluster, log, binaries, identity, onLog } = this.server;
    await endOrphan(cluster);
    if (this.stopping) return 'it is being stopped';
    rotateLog(log);
    const logStart = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    const logFile = openSync(log, 'a', 0o600);
    const command = [...identity.prefix, binaries.postgres, '-D', cluster];
    const settings = { ...SERVER_SETTINGS, ...this.server.settings, port: String(port) };
    // In a process group of its own: Ctrl-C is for us, who stop the server when nobody needs it any more.
    const child = spawn(command[0]!, [...command.slice(1), ...asArguments(settings)], {
      uid: identity.uid,
      gid: identity.gid,
      env: postgresEnvironment(),
      detached: true,
      stdio: ['ignore', logFile, logFile],
    });
    child.unref();
    closeSync(logFile);
    let over: string | null = null;
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit status ${code}`));
    });
    void this.ended.then((how) => {
      over = how;
    });
    let slowAt = Date.now() + SLOW_MS;
    for (;;) {
      await sleep(POLL_MS);
      if (over !== null) return `${lastWords(log, logStart)} (${over})`;
      const file = readPostmasterPid(cluster);
      if (file?.pid === child.pid && file?.status === 'ready') break;
      if (Date.now() > slowAt) {
        onLog('Postgres is still recovering what it had not written to its tables …');
        slowAt = Number.POSITIVE_INFINITY;
      }
    }
    this.pid = child.pid!;
    return null;
  }

  /** The first start: on a port of its choice, which it resolves to. Throws StartupError when the server does not start. */
  async start(): Promise<number> {
    let reason: string | null = null;
    for (let tries = 0; tries < RETRIES_BEFORE_FAILURE; tries += 1) {
      const port = await choosePort();
      reason = await this.tryOnce(port);
      if (reason === null) {
        this.supervision = this.supervise(port);
        return port;
      }
      await endStrays(this.server.cluster);
      if (!/in use|still running/.test(reason) && tries >= 2) break;
      await sleep(RETRY_MS);
    }
    throw new StartupError(`The embedded Postgres does not start: ${reason}. Its log is ${this.server.log}.`);
  }

  /** Starts the server again whenever it ends, for as long as it takes, until `stop`. */
  private async supervise(port: number): Promise<void> {
    for (;;) {
      const how = await this.ended;
      if (this.stopping) return;
      this.server.onLog(`Postgres ended (${how}): starting it again on port ${port}`);
      let said = '';
      for (let delayMs = RETRY_MS; ; delayMs = Math.min(delayMs * 1.2, RETRY_LIMIT_MS)) {
        await endStrays(this.server.cluster);
        if (this.stopping) return;
        let reason: string | null;
        try {
          reason = await this.tryOnce(port);
        } catch (error) {
          reason = (error as Error).message;
        }
        if (reason === null || this.stopping) break;
        if (reason !== said) this.server.onLog(`Postgres does not start again yet: ${reason}`);
        said = reason;
        await sleep(delayMs);
      }
      if (!this.stopping) this.server.onLog('Postgres is back');
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    const steps = [
      ['SIGINT', STOP_FAST_MS],
      ['SIGQUIT', STOP_IMMEDIATE_MS],
      ['SIGKILL', STOP_IMMEDIATE_MS],
    ] as const;
    for (const [signal, limitMs] of steps) {
      this.child?.kill(signal);
      const timer = new AbortController();
      const late = sleep(limitMs, 'late', { signal: timer.signal }).catch(() => 'late');
      const first = await Promise.race([Promise.all([this.ended, this.supervision]), late]);
      timer.abort();
      if (first !== 'late') return;
    }
  }
}

/** The superuser's password, in the data directory; it cannot be made anew for a cluster that exists. */
async function passwordOf(dataDir: string, cluster: string): Promise<string> {
  const file = join(dataDir, 'postgres-password');
  const present = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (present) return present;
  if (existsSync(cluster)) {
    throw new DataDirectoryError(`${file} is missing, the password of ${cluster}: put it back from a backup.`);
  }
  const made = randomBytes(24).toString('hex');
  await writePrivateFile(file, `${made}\n`);
  return made;
}

/**
 * Starts the Postgres that npm brings on `<dataDir>/postgres`, made at the first start, on a free port of 127.0.0.1, and
 * keeps it running until `stop`: a postmaster that dies is started again on the same port with the same data. One that a
 * killed Heddle left behind is ended first. The URL also stands in `<dataDir>/postgres-url` (mode 0600) while it runs.
 * Throws StartupError, or DataDirectoryError, of one line.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = realpathSync(options.dataDir);
  const cluster = join(dataDir, 'postgres');
  const urlFile = join(dataDir, 'postgres-url');
  rmSync(urlFile, { force: true });
  const identity = await chooseIdentity(cluster, options.identity);
  const binaries = await readableBinaries(dataDir, findBinaries(), identity);
  const password = await passwordOf(dataDir, cluster);
  if (existsSync(cluster)) await endOrphan(cluster);
  await ensureCluster(cluster, binaries, identity, password);
  giveTo(identity, cluster);
  const postmaster = new Postmaster({
    cluster,
    log: join(dataDir, 'postgres.log'),
    binaries,
    identity,
    settings: options.settings ?? {},
    onLog: options.onLog ?? (() => {}),
  });
  const port = await postmaster.start();
  const url = `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres?${REQUIRE_SCRAM}`;
  await writePrivateFile(urlFile, `${url}\n`);
  return {
    url,
    port,
    get pid() {
      return postmaster.pid;
    },
    async stop() {
      rmSync(urlFile, { force: true });
      await postmaster.stop();
    },
  };
}
