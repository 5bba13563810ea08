import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../resilience/free-port.js';
import { OwnPostgres } from '../resilience/own-postgres.js';
import { cpuSeconds } from '../resilience/processes.js';
import { ServerProcess } from '../resilience/server-process.js';
import { POSTGRES_SETTINGS } from './postgres-settings.js';

export interface Bench {
  /** The cluster that product and floor share, each in a database of its own. */
  postgres: OwnPostgres;
  folder: string;
  rootKey: string;
  rounds: number;
  /** Of each measurement under full load. */
  seconds: number;
  log: (line: string) => void;
}

export async function startBench(folder: string, options: Pick<Bench, 'rounds' | 'seconds' | 'log'>): Promise<Bench> {
  const postgres = await OwnPostgres.create(join(folder, 'postgres'), POSTGRES_SETTINGS);
  return { postgres, folder, rootKey: `root-${crypto.randomUUID()}`, ...options };
}

/** A server of the product on a new database of the bench's cluster. */
export async function startProduct(bench: Bench, name: string): Promise<ServerProcess> {
  const databaseUrl = await bench.postgres.createDatabase(name);
  const settings = { port: await freePort(), dataDir: join(bench.folder, name), rootKey: bench.rootKey, databaseUrl };
  const server = new ServerProcess(settings, 'program');
  server.spawn().on('exit', (code, signal) => {
    if (!server.ending) bench.log(`the server of ${name} ended with ${signal ?? code}; it said: ${server.lastWords}`);
  });
  await server.ready(60_000);
  return server;
}

/**
 * Waits until a server has done what it had left to do (projections behind the log), so that it takes nothing from
 * what is measured next: less than 5 % of a core for half a second. Resolves to how long that took, in seconds.
 */
export async function settle(server: ServerProcess, withinSeconds = 120): Promise<number> {
  const began = performance.now();
  const { pid } = server;
  for (;;) {
    const before = cpuSeconds(pid);
    await sleep(500);
    const took = (performance.now() - began) / 1000;
    if (cpuSeconds(pid) - before < 0.025) return Math.max(0, took - 0.5);
    if (took > withinSeconds) return took;
  }
}
