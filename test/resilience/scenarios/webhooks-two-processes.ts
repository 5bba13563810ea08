import { setTimeout as sleep } from 'node:timers/promises';
import { Installation } from '../kafka/installation.js';
import { signal } from '../processes.js';
import type { Scenario } from '../scenario.js';
import { SINK_ENV } from '../webhooks/deliveries.js';
import { killing, runWebhookCampaign } from '../webhooks/webhook-campaign.js';

/** Longer than a lease lasts. */
const STOPPED_MS = 40_000;
/** For so long nobody is answered: it is to have in memory what it has not sent yet. */
const HELD_MS = 1500;
const RECOVER_WITHIN_MS = 10_000;
/** Until a process that goes on again has seen what it is, and has sent what it would. */
const GOES_ON_MS = 3000;

/** Services apart without Kafka; of webhooks two processes. By turns one is killed, the other, and one is stopped for longer than its lease. */
export const webhooksTwoProcesses: Scenario = {
  name: 'webhooks-two-processes',
  title: 'two processes of webhooks, one killed and started again, or stopped (SIGSTOP) for 40 s and continued',
  async run({ tries, random, folder, rootKey }) {
    const services = ['access', 'conversation', 'analytics', 'events', 'webhooks', 'webhooks'] as const;
    const on = await Installation.start({ program: null, folder, rootKey, services, env: SINK_ENV });
    try {
      const outcome = await runWebhookCampaign({
        name: 'webhooks-two-processes',
        folder,
        ports: [on.port],
        rootKey,
        databaseUrl: () => on.databaseUrl,
        tries,
        random,
        clients: 6,
        pauseMs: 50,
        recoverWithinMs: RECOVER_WITHIN_MS,
        keyMade: (key) => on.untilKeyIsKnown(key),
        async fault(n, begun, deliveries) {
          const victim = on.of('webhooks')[n % 2]!;
          const { pid } = victim;
          begun();
          if (n % 3 !== 2) {
            killing(deliveries, () => signal(pid, 'SIGKILL'));
            await victim.start();
            return 0;
          }
          await deliveries.sink.hold();
          await sleep(HELD_MS);
          killing(deliveries, () => signal(pid, 'SIGSTOP'));
          await deliveries.sink.release();
          try {
            await sleep(STOPPED_MS);
          } finally {
            signal(pid, 'SIGCONT');
          }
          await sleep(GOES_ON_MS);
          return 0;
        },
      });
      for (const { service, process } of on.processes) {
        if (process.hasEnded && !process.ending)
          outcome.problems.push(`a process of ${service} ended by itself: ${process.lastWords}`);
      }
      return outcome;
    } finally {
      await on.end();
    }
  },
};
