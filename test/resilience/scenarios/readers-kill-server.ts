import { join } from 'node:path';
import { runCampaign } from '../campaign.js';
import { freePort } from '../free-port.js';
import { signal } from '../processes.js';
import { FollowingReaders } from '../readers/following-readers.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';

const READY_WITHIN_MS = 10_000;

export const readersKillServer: Scenario = {
  name: 'readers-kill-server',
  title: 'kill -9 of the server while six readers on three transports follow',
  async run({ tries, random, folder, rootKey }) {
    const port = await freePort();
    const server = new ServerProcess({ port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null }, 'launcher');
    const readers = new FollowingReaders(() => `http://127.0.0.1:${port}`);
    try {
      await server.start();
      const outcome = await runCampaign({
        ports: [port],
        rootKey,
        databaseUrl: () => server.databaseUrl,
        tries,
        random,
        recoverWithinMs: READY_WITHIN_MS,
        keyMade: async (key) => readers.start(key),
        async fault(_n, begun) {
          begun();
          signal(server.pid, 'SIGKILL');
          return server.start();
        },
        judge: (_ledger, { conversations }) => readers.judged(server.databaseUrl, conversations[0]!),
      });
      outcome.problems.push(...readers.problems);
      return outcome;
    } finally {
      await readers.stop();
      await server.end();
    }
  },
};
