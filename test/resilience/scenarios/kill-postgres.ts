import { join } from 'node:path';
import { RECOVER_WITHIN_MS, runCampaign } from '../campaign.js';
import { freePort } from '../free-port.js';
import { signal } from '../processes.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';

export const killPostgres: Scenario = {
  name: 'kill-postgres',
  title: "kill -9 of the embedded Postgres's postmaster, the server stays",
  async run({ tries, random, folder, rootKey }) {
    const port = await freePort();
    const server = new ServerProcess({ port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null }, 'program');
    try {
      await server.start();
      const { pid } = server;
      const outcome = await runCampaign({
        ports: [port],
        rootKey,
        databaseUrl: () => server.databaseUrl,
        tries,
        random,
        recoverWithinMs: RECOVER_WITHIN_MS,
        async fault(_n, begun) {
          begun();
          signal(server.postmaster, 'SIGKILL');
          return undefined;
        },
      });
      if (server.pid !== pid) outcome.problems.push('the server did not outlive its Postgres');
      return outcome;
    } finally {
      await server.end();
    }
  },
};
