import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { signal } from '../processes.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';
import { SINK_ENV } from '../webhooks/deliveries.js';
import { killing, runWebhookCampaign } from '../webhooks/webhook-campaign.js';

const READY_WITHIN_MS = 10_000;

export const webhooksKill: Scenario = {
  name: 'webhooks-kill',
  title: 'kill -9 of the server while it brings events to eight endpoints',
  async run({ tries, random, folder, rootKey }) {
    const port = await freePort();
    const settings = { port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null, env: SINK_ENV };
    const server = new ServerProcess(settings, 'launcher');
    try {
      await server.start();
      return await runWebhookCampaign({
        name: 'webhooks-kill',
        folder,
        ports: [port],
        rootKey,
        databaseUrl: () => server.databaseUrl,
        tries,
        random,
        recoverWithinMs: READY_WITHIN_MS,
        async fault(_n, begun, deliveries) {
          begun();
          killing(deliveries, () => signal(server.pid, 'SIGKILL'));
          return server.start();
        },
      });
    } finally {
      await server.end();
    }
  },
};
