import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCampaign } from '../campaign.js';
import { freePort } from '../free-port.js';
import { signal } from '../processes.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';
import { Deliveries, SINK_ENV, sentenceOf } from '../webhooks/deliveries.js';
import { Sink } from '../webhooks/sink.js';
import { USUAL_ENDPOINTS } from '../webhooks/usual-endpoints.js';

const READY_WITHIN_MS = 10_000;
/** Under load, beside the moment that every campaign leaves between two faults. */
const BETWEEN_KILLS_MS = 2000;
/** Until a process that was killed is certainly gone, with what it had sent. */
const GONE_MS = 500;

export const webhooksKill: Scenario = {
  name: 'webhooks-kill',
  title: 'kill -9 of the server while it brings events to eight endpoints',
  async run({ tries, random, folder, rootKey }) {
    const port = await freePort();
    const settings = { port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null, env: SINK_ENV };
    const server = new ServerProcess(settings, 'launcher');
    const sink = await Sink.start(folder);
    let deliveries: Deliveries | null = null;
    try {
      await server.start();
      const outcome = await runCampaign({
        ports: [port],
        rootKey,
        databaseUrl: () => server.databaseUrl,
        tries,
        random,
        pauseMs: 20,
        recoverWithinMs: READY_WITHIN_MS,
        async keyMade(key) {
          deliveries = new Deliveries(sink, port, key);
          await deliveries.make(USUAL_ENDPOINTS);
        },
        async fault(_n, begun) {
          await sleep(BETWEEN_KILLS_MS * random());
          begun();
          const deaf = deliveries!.deaf();
          signal(server.pid, 'SIGKILL');
          deaf.to = Date.now() + GONE_MS;
          return server.start();
        },
        judge: () => deliveries!.judged(),
      });
      const { figures } = deliveries! as Deliveries;
      if (figures !== null) console.error(sentenceOf('webhooks-kill', figures));
      return outcome;
    } finally {
      (deliveries as Deliveries | null)?.close();
      await server.end();
      await sink.end();
    }
  },
};
