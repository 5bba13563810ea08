import { join } from 'node:path';
import { RECOVER_WITHIN_MS, runCampaign } from '../campaign.js';
import { freePort } from '../free-port.js';
import { OwnPostgres } from '../own-postgres.js';
import { signal } from '../processes.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';

export const threeServers: Scenario = {
  name: 'three-servers',
  title: 'three servers write the same streams on one Postgres, kill -9 of one of them',
  async run({ tries, random, folder, rootKey }) {
    const postgres = await OwnPostgres.create(join(folder, 'postgres'));
    const servers: ServerProcess[] = [];
    try {
      const databaseUrl = await postgres.createDatabase('heddle');
      for (const n of [1, 2, 3]) {
        const settings = { port: await freePort(), dataDir: join(folder, `data-${n}`), rootKey, databaseUrl };
        const server = new ServerProcess(settings, 'program');
        servers.push(server);
        await server.start();
      }
      return await runCampaign({
        ports: servers.map((server) => server.settings.port),
        rootKey,
        databaseUrl: () => databaseUrl,
        tries,
        random,
        conversations: 6,
        clients: 24,
        recoverWithinMs: RECOVER_WITHIN_MS,
        async fault(_n, begun) {
          const victim = servers[Math.floor(random() * servers.length)]!;
          begun();
          signal(victim.pid, 'SIGKILL');
          return victim.start();
        },
      });
    } finally {
      for (const server of servers) await server.end();
      await postgres.destroy();
    }
  },
};
