import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RECOVER_WITHIN_MS, runCampaign } from '../campaign.js';
import { freePort } from '../free-port.js';
import { OwnPostgres } from '../own-postgres.js';
import { signal } from '../processes.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';

const STOPPED_MS = 1500;
const FROZEN_MS = 2500;

/** By turns: shut down and started again, and frozen (SIGSTOP) and thawed. Recovery counts from the cause's end. */
export const postgresStopped: Scenario = {
  name: 'postgres-stopped',
  title: 'Postgres stopped, or frozen, and back; the server stays',
  async run({ tries, random, folder, rootKey }) {
    const postgres = await OwnPostgres.create(join(folder, 'postgres'));
    const port = await freePort();
    const databaseUrl = await postgres.createDatabase('heddle');
    const server = new ServerProcess({ port, dataDir: join(folder, 'data'), rootKey, databaseUrl }, 'program');
    try {
      await server.start();
      const { pid } = server;
      const outcome = await runCampaign({
        ports: [port],
        rootKey,
        databaseUrl: () => databaseUrl,
        tries,
        random,
        recoverWithinMs: RECOVER_WITHIN_MS,
        async fault(n, begun) {
          if (n % 2 === 0) {
            await postgres.stop();
            await sleep(STOPPED_MS);
            await postgres.start();
          } else {
            const frozen = postgres.processes;
            for (const one of frozen) signal(one, 'SIGSTOP');
            await sleep(FROZEN_MS);
            for (const one of frozen) signal(one, 'SIGCONT');
          }
          begun();
          return undefined;
        },
      });
      if (server.pid !== pid) outcome.problems.push('the server did not outlive the stop of Postgres');
      if (outcome.ledger.unavailable === 0)
        outcome.problems.push('no request was answered 503 while Postgres was away');
      return outcome;
    } finally {
      await server.end();
      await postgres.destroy();
    }
  },
};
