import { join } from 'node:path';
import { runCampaign } from '../campaign.js';
import { freePort } from '../free-port.js';
import { signal } from '../processes.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';

const READY_WITHIN_MS = 10_000;

export const killServer: Scenario = {
  name: 'kill-server',
  title: 'kill -9 of the server, started again through the launcher',
  async run({ tries, random, folder, rootKey }) {
    const port = await freePort();
    const server = new ServerProcess({ port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null }, 'launcher');
    try {
      await server.start();
      return await runCampaign({
        ports: [port],
        rootKey,
        databaseUrl: () => server.databaseUrl,
        tries,
        random,
        recoverWithinMs: READY_WITHIN_MS,
        async fault(_n, begun) {
          begun();
          signal(server.pid, 'SIGKILL');
          return server.start();
        },
      });
    } finally {
      await server.end();
    }
  },
};
