import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.js';
import { OwnPostgres } from '../own-postgres.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';
import { SINK_ENV } from '../webhooks/deliveries.js';
import { runWebhookCampaign } from '../webhooks/webhook-campaign.js';

const AWAY_MS = 2500;
const RECOVER_WITHIN_MS = 15_000;

/** Without a checkpoint. The process that delivers stays and keeps what it heard, so that nothing may come twice by it. */
export const webhooksPostgres: Scenario = {
  name: 'webhooks-postgres',
  title: 'Postgres stopped at once and started again while the server brings events to eight endpoints',
  async run({ tries, random, folder, rootKey }) {
    const postgres = await OwnPostgres.create(join(folder, 'postgres'));
    const port = await freePort();
    const databaseUrl = await postgres.createDatabase('heddle');
    const settings = { port, dataDir: join(folder, 'data'), rootKey, databaseUrl, env: SINK_ENV };
    const server = new ServerProcess(settings, 'program');
    try {
      await server.start();
      const outcome = await runWebhookCampaign({
        name: 'webhooks-postgres',
        folder,
        ports: [port],
        rootKey,
        databaseUrl: () => databaseUrl,
        tries,
        random,
        recoverWithinMs: RECOVER_WITHIN_MS,
        async fault(_n, begun) {
          await postgres.stop('SIGQUIT');
          await sleep(AWAY_MS * random());
          await postgres.start();
          begun();
          return undefined;
        },
      });
      if (server.hasEnded)
        outcome.problems.push(`the server did not outlive the stop of Postgres; it said: ${server.lastWords}`);
      return outcome;
    } finally {
      await server.end();
      await postgres.destroy();
    }
  },
};
