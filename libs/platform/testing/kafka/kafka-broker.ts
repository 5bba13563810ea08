import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaProgram } from './kafka-program.js';

export interface KafkaBrokerOptions extends KafkaProgram {
  /** Of this broker alone: its settings, its log segments, its output. */
  folder: string;
  port: number;
  controllerPort: number;
  /** The broker whose cluster it joins, without a vote of its own; where it is left out, it is a cluster by itself. */
  joins?: KafkaBroker;
  /** Further lines of server.properties. */
  settings?: Readonly<Record<string, string>>;
  /** Passwords of those who may name themselves by SCRAM, both kinds. */
  scramUsers?: Readonly<Record<string, string>>;
}

/** Kafka's own is 6 s, and so long a test would wait until a member that died is missed. */
export const LEAST_SESSION_MS = 3000;
const START_MS = 60_000;
const STOP_MS = 20_000;

/**
 * One Kafka broker of our own on 127.0.0.1, controller and broker in one process (KRaft). It can be killed and started
 * again on the same folder and port.
 */
export class KafkaBroker {
  private readonly options: KafkaBrokerOptions;
  private child: ChildProcess | null = null;

  private constructor(options: KafkaBrokerOptions) {
    this.options = options;
  }

  static async start(options: KafkaBrokerOptions): Promise<KafkaBroker> {
    const broker = new KafkaBroker(options);
    mkdirSync(options.folder, { recursive: true });
    writeFileSync(broker.properties, broker.settingsText());
    if (!existsSync(join(options.folder, 'segments'))) broker.format();
    await broker.start();
    return broker;
  }

  /** As clients name it: `127.0.0.1:9092`. */
  get address(): string {
    return `127.0.0.1:${this.options.port}`;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Where Kafka keeps the segments of its topics. */
  get segments(): string {
    return join(this.options.folder, 'segments');
  }

  /** Resolves when clients can connect. */
  async start(): Promise<void> {
    const log = openSync(this.logFile, 'a');
    const child = this.spawn(log);
    closeSync(log);
    // Whoever started it may end without it: it goes with that process.
    child.unref();
    this.child = child;
    for (const end = Date.now() + START_MS; !(await this.accepts()); await sleep(100)) {
      if (child.exitCode !== null) throw new Error(`Kafka ended with ${child.exitCode}; it said: ${this.lastWords}`);
      if (Date.now() > end) throw new Error(`Kafka does not answer after ${START_MS} ms; it said: ${this.lastWords}`);
    }
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(late);
  }

  private get clusterId(): string {
    return /^cluster\.id=(.+)$/m.exec(readFileSync(join(this.segments, 'meta.properties'), 'utf8'))![1]!;
  }

  private get properties(): string {
    return join(this.options.folder, 'server.properties');
  }

  private format(): void {
    const { java, jars, joins, scramUsers = {} } = this.options;
    const id = joins?.clusterId ?? randomBytes(16).toString('base64url');
    const scram = Object.entries(scramUsers).flatMap(([name, password]) =>
      ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
        '--add-scram',
        `${mechanism}=[name=${name},password=${password}]`,
      ]),
    );
    const quorum = joins === undefined ? '--standalone' : '--no-initial-controllers';
    // In one word: an id may begin with a hyphen.
    const format = ['format', quorum, `--cluster-id=${id}`, '--config', this.properties, ...scram];
    execFileSync(java.path, ['-cp', join(jars, '*'), 'kafka.tools.StorageTool', ...format], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  private spawn(log: number): ChildProcess {
    const { java, jars } = this.options;
    const heap = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const command = [java.path, ...heap, '-cp', join(jars, '*'), 'kafka.Kafka', this.properties];
    // Linux ends it with the process that started it, also where that is killed.
    const whole = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', '--', ...command] : command;
    return spawn(whole[0]!, whole.slice(1), { stdio: ['ignore', log, log] });
  }

  private get logFile(): string {
    return join(this.options.folder, 'kafka.log');
  }

  private get lastWords(): string {
    return readFileSync(this.logFile, 'utf8').slice(-4000);
  }

  private accepts(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = createConnection(this.options.port, '127.0.0.1');
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
  }

  private settingsText(): string {
    const { port, controllerPort, joins, settings = {} } = this.options;
    const controller = `127.0.0.1:${joins?.options.controllerPort ?? controllerPort}`;
    const lines: Record<string, string> = {
      'process.roles': joins === undefined ? 'broker,controller' : 'broker',
      // Ports are numbers that no other broker of the cluster has.
      'node.id': joins === undefined ? '1' : String(port),
      'controller.quorum.bootstrap.servers': controller,
      listeners: `PLAINTEXT://127.0.0.1:${port}${joins === undefined ? `,CONTROLLER://${controller}` : ''}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
      'controller.listener.names': 'CONTROLLER',
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
      'log.dirs': this.segments,
      'auto.create.topics.enable': 'false',
      'offsets.topic.replication.factor': '1',
      'offsets.topic.num.partitions': '4',
      'transaction.state.log.replication.factor': '1',
      'transaction.state.log.min.isr': '1',
      'transaction.state.log.num.partitions': '4',
      'group.initial.rebalance.delay.ms': '0',
      'group.min.session.timeout.ms': String(LEAST_SESSION_MS),
      // A run makes hundreds of small topics and removes them: no 20 MB of index for each partition, no minute of waste.
      'log.index.size.max.bytes': String(256 * 1024),
      'log.segment.delete.delay.ms': '1000',
      'log.cleaner.enable': 'false',
      ...settings,
    };
    return Object.entries(lines)
      .map(([name, value]) => `${name}=${value}\n`)
      .join('');
  }
}
