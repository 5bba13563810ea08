import { join } from 'node:path';
import { ActivityLoad } from '../activity-load.js';
import { runCampaign } from '../campaign.js';
import { freePort } from '../free-port.js';
import { signal } from '../processes.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';

const READY_WITHIN_MS = 10_000;

export const killActivities: Scenario = {
  name: 'kill-activities',
  title: 'kill -9 of the server while activities come in batches, too',
  async run({ tries, random, folder, rootKey }) {
    const port = await freePort();
    const server = new ServerProcess({ port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null }, 'launcher');
    const loads: ActivityLoad[] = [];
    try {
      await server.start();
      const outcome = await runCampaign({
        ports: [port],
        rootKey,
        databaseUrl: () => server.databaseUrl,
        tries,
        random,
        recoverWithinMs: READY_WITHIN_MS,
        async keyMade(key) {
          const load = new ActivityLoad(port, key, random);
          loads.push(load);
          load.start();
        },
        async fault(_n, begun) {
          begun();
          signal(server.pid, 'SIGKILL');
          return server.start();
        },
        async judge() {
          await loads[0]!.stop();
          return loads[0]!.judge(server.databaseUrl);
        },
      });
      const told = loads[0]!.acknowledged;
      const { verdict } = outcome;
      if (told === 0) outcome.problems.push('no activity was acknowledged');
      return {
        ...outcome,
        verdict: { ...verdict, acknowledged: verdict.acknowledged + told, tried: verdict.tried + told },
      };
    } finally {
      await loads[0]?.stop().catch(() => undefined);
      await server.end();
    }
  },
};
