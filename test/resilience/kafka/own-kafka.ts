import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../free-port.js';
import { keepTrack } from '../living.js';
import type { KafkaProgram } from './java-programs.js';

const run = promisify(execFile);
const START_MS = 240_000;
const STOP_MS = 30_000;
const DUMPED_WITHIN_MS = 1000;

/** A Kafka of one broker that the harness owns, with Kafka's own defaults for durability. */
export class OwnKafka {
  #child: ChildProcess | null = null;
  readonly #untrack = keepTrack(() => this.destroy());

  private constructor(
    readonly program: KafkaProgram,
    readonly folder: string,
    readonly port: number,
  ) {}

  /** `segments`: where the log is kept. */
  static async create(program: KafkaProgram, folder: string, segments = join(folder, 'segments')): Promise<OwnKafka> {
    const own = new OwnKafka(program, folder, await freePort());
    const controller = `127.0.0.1:${await freePort()}`;
    const settings = {
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.quorum.bootstrap.servers': controller,
      listeners: `PLAINTEXT://127.0.0.1:${own.port},CONTROLLER://${controller}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${own.port}`,
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'log.dirs': segments,
      'auto.create.topics.enable': 'false',
      'offsets.topic.replication.factor': '1',
      'offsets.topic.num.partitions': '4',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'transaction.state.log.num.partitions': '4',
      // Its buffer is reserved at the start, and is of no use to logs that are never compacted.
      'log.cleaner.dedupe.buffer.size': '4194304',
    };
    mkdirSync(folder, { recursive: true });
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(own.#properties, lines.join(''));
    const id = randomBytes(16).toString('base64url');
    const format = ['format', '--standalone', `--cluster-id=${id}`, '--config', own.#properties];
    try {
      await run(program.java, ['-cp', join(program.jars, '*'), 'kafka.tools.StorageTool', ...format]);
      await own.start();
    } catch (error) {
      await own.destroy();
      throw error;
    }
    return own;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get logFile(): string {
    return join(this.folder, 'kafka.log');
  }

  get hasEnded(): boolean {
    return this.#child === null || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Resolves when clients can connect. */
  async start(): Promise<void> {
    const { java, jars } = this.program;
    const heap = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const command = [java, ...heap, '-cp', join(jars, '*'), 'kafka.Kafka', this.#properties];
    // Linux ends it with the process that started it, also where that is killed.
    const whole = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', '--', ...command] : command;
    const log = openSync(this.logFile, 'a');
    this.#child = spawn(whole[0]!, whole.slice(1), { stdio: ['ignore', log, log] });
    closeSync(log);
    for (const end = performance.now() + START_MS; !(await this.accepts()); await sleep(50)) {
      if (this.hasEnded) throw new Error(`Kafka did not start; it said: ${this.lastWords}`);
      if (performance.now() > end) throw new Error(`Kafka does not answer; it said: ${this.lastWords}`);
    }
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Into its log: what each of its threads does now. */
  async dumpThreads(): Promise<void> {
    if (this.hasEnded) return;
    this.#child!.kill('SIGQUIT');
    await sleep(DUMPED_WITHIN_MS);
  }

  get lastWords(): string {
    return readFileSync(this.logFile, 'utf8').slice(-2000);
  }

  async destroy(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    this.#untrack();
  }

  accepts(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = createConnection(this.port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  }

  async #end(name: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(name);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }

  get #properties(): string {
    return join(this.folder, 'server.properties');
  }
}
