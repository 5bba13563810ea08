import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../resilience/free-port.js';

export type FloorStyle = 'transaction' | 'statement';
export const FLOOR_POOLS = [8, 16, 32] as const;

/** The floor in its own process; it ends with the bench, or when it is ended. */
export class FloorProcess {
  private constructor(
    readonly port: number,
    readonly child: ChildProcess,
  ) {}

  static async start(databaseUrl: string, pool: number, style: FloorStyle): Promise<FloorProcess> {
    const port = await freePort();
    const env = {
      ...process.env,
      NODE_ENV: 'production',
      FLOOR_PORT: String(port),
      FLOOR_DATABASE_URL: databaseUrl,
      FLOOR_POOL: String(pool),
      FLOOR_STYLE: style,
    };
    const child = fork(join(import.meta.dirname, 'floor-server.js'), { env });
    const failed = once(child, 'exit').then(() => Promise.reject(new Error('the floor did not start')));
    await Promise.race([once(child, 'message'), failed]);
    failed.catch(() => {});
    return new FloorProcess(port, child);
  }

  async end(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.disconnect();
    await gone;
  }
}
