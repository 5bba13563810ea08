import { signal } from '../../processes.js';
import { Deliveries, SINK_ENV, sentenceOf } from '../../webhooks/deliveries.js';
import { Sink } from '../../webhooks/sink.js';
import { USUAL_ENDPOINTS } from '../../webhooks/usual-endpoints.js';
import { killing } from '../../webhooks/webhook-campaign.js';
import type { Installation } from '../installation.js';
import { onKafka, type SideLoad } from '../kafka-scenario.js';

const NAME = 'kafka-webhooks';
const deliveriesOf = new WeakMap<Installation, Deliveries>();

/** By turns the one, the other, and both. */
export const webhooks = onKafka({
  name: NAME,
  title:
    'kill -9 of one of two processes of webhooks, or of both, by turns, while they bring events to eight endpoints',
  services: ['relay', 'access', 'conversation', 'analytics', 'events', 'webhooks', 'webhooks'],
  beside: bringing,
  prepare: async () => ({
    options: { env: SINK_ENV },
    end: async () => undefined,
    async fault({ n, on, over }) {
      const victims = on.of('webhooks').filter((_, i) => n % 3 === 2 || i === n % 2);
      const deliveries = deliveriesOf.get(on)!;
      await deliveries.moving();
      killing(deliveries, () => {
        for (const { pid } of victims) signal(pid, 'SIGKILL');
      });
      over();
      return Math.max(...(await Promise.all(victims.map((victim) => victim.start()))));
    },
  }),
});

/** Counts as acknowledged what was due to all of its endpoints. */
async function bringing(on: Installation, key: string): Promise<SideLoad> {
  const sink = await Sink.start(on.options.folder);
  const deliveries = new Deliveries(sink, on.port, key);
  deliveriesOf.set(on, deliveries);
  await deliveries.make(USUAL_ENDPOINTS);
  return {
    get acknowledged() {
      return deliveries.figures?.due ?? 0;
    },
    stop: async () => undefined,
    async judge() {
      const findings = await deliveries.judged();
      if (deliveries.figures !== null) console.error(sentenceOf(NAME, deliveries.figures));
      return findings;
    },
    async end() {
      deliveries.close();
      await sink.end();
    },
  };
}
