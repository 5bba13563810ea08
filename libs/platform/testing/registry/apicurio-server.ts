import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Java } from '../java.js';

export interface ApicurioServerOptions {
  java: Java;
  /** Of the program. */
  files: string;
  /** Of this server alone: its output. */
  folder: string;
  /** And the next one, for its management. */
  port: number;
}

const START_MS = 120_000;

/** One Apicurio registry on 127.0.0.1, its schemas in memory. */
export class ApicurioServer {
  private readonly log: string;
  private readonly child: ChildProcess;
  private readonly killNow = () => this.child.kill('SIGKILL');

  private constructor(private readonly options: ApicurioServerOptions) {
    this.log = join(options.folder, 'apicurio.log');
    this.child = this.spawn();
    process.once('exit', this.killNow);
  }

  static async start(options: ApicurioServerOptions): Promise<ApicurioServer> {
    const server = new ApicurioServer(options);
    try {
      await server.answers();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Its Confluent API's. */
  get url(): string {
    return `http://127.0.0.1:${this.options.port}/apis/ccompat/v7`;
  }

  async stop(): Promise<void> {
    process.off('exit', this.killNow);
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  private async answers(): Promise<void> {
    const { child } = this;
    for (const end = Date.now() + START_MS; ; await sleep(200)) {
      const lastWords = () => readFileSync(this.log, 'utf8').slice(-4000);
      if (child.exitCode !== null) throw new Error(`Apicurio ended with ${child.exitCode}; it said: ${lastWords()}`);
      if (Date.now() > end) throw new Error(`Apicurio does not answer after ${START_MS} ms; it said: ${lastWords()}`);
      const answer = await fetch(`${this.url}/subjects`, { signal: AbortSignal.timeout(5000) }).catch(() => null);
      await answer?.body?.cancel();
      if (answer?.ok) return;
    }
  }

  private spawn(): ChildProcess {
    const { java, files, port } = this.options;
    const heap = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    const command = [java.path, ...heap, '-jar', join(files, 'quarkus-run.jar')];
    // Linux ends it with the process that started it, also where that is killed.
    const whole = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL', '--', ...command] : command;
    const log = openSync(this.log, 'a');
    const child = spawn(whole[0]!, whole.slice(1), {
      cwd: files,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        APICURIO_STORAGE_KIND: 'sql',
        QUARKUS_HTTP_HOST: '127.0.0.1',
        QUARKUS_HTTP_PORT: String(port),
        QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
        QUARKUS_MANAGEMENT_PORT: String(port + 1),
      },
    });
    closeSync(log);
    child.unref();
    return child;
  }
}
