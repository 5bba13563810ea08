import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { freePort } from '../free-port.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';
import { type EndpointWish, SAME_CLOCK_S, SINK_ENV } from '../webhooks/deliveries.js';
import { USUAL_ENDPOINTS } from '../webhooks/usual-endpoints.js';
import { runWebhookCampaign } from '../webhooks/webhook-campaign.js';

const MOVED_S = 300;
const RECOVER_WITHIN_MS = 10_000;
/** Until the process has it, and under the other clock. */
const MOVED_FOR_MS = 4000;
const PRELOADED = pathToFileURL(join(import.meta.dirname, '..', 'webhooks', 'shifted-clock.js')).href;

/** Few of its messages fail, so that its breaker stays closed and each wait is the schedule's. */
const WAITED_FOR: EndpointWish = {
  path: '/waited-for',
  types: ['message.*'],
  behaviour: { kind: 'refuses', oneIn: 50, times: 3 },
  retrySchedule: [2, 3, 5, 5, 5, 5, 5, 5, 5, 5],
  judgesWaits: true,
};

/** By turns five minutes ahead, right again, five minutes behind, right again. The store's own clock stays as it is. */
export const webhooksClock: Scenario = {
  name: 'webhooks-clock',
  title: "the process's clock moved by five minutes, forward and back, while it brings events to nine endpoints",
  async run({ tries, random, folder, rootKey }) {
    const port = await freePort();
    const file = join(folder, 'clock');
    const env = { ...SINK_ENV, NODE_OPTIONS: `--import=${PRELOADED}`, HEDDLE_TEST_CLOCK_FILE: file };
    const settings = { port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null, env };
    const server = new ServerProcess(settings, 'program');
    const move = (seconds: number): void => {
      writeFileSync(`${file}.new`, String(seconds * 1000));
      renameSync(`${file}.new`, file);
    };
    try {
      move(0);
      await server.start();
      const outcome = await runWebhookCampaign({
        name: 'webhooks-clock',
        folder,
        endpoints: [...USUAL_ENDPOINTS, WAITED_FOR],
        clockS: MOVED_S + SAME_CLOCK_S,
        ports: [port],
        rootKey,
        databaseUrl: () => server.databaseUrl,
        tries,
        random,
        recoverWithinMs: RECOVER_WITHIN_MS,
        async fault(n, begun) {
          const aheadS = n % 2 === 1 ? 0 : n % 4 === 0 ? MOVED_S : -MOVED_S;
          begun();
          move(aheadS);
          await sleep(MOVED_FOR_MS * (0.5 + random()));
          return undefined;
        },
      });
      if (server.hasEnded) outcome.problems.push(`the server did not outlive the clock; it said: ${server.lastWords}`);
      if ((outcome.figures?.furthestS ?? 0) < MOVED_S - 5)
        outcome.problems.push('no message was signed by the other clock');
      return outcome;
    } finally {
      await server.end();
    }
  },
};
