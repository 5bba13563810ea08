import { setTimeout as sleep } from 'node:timers/promises';
import { onKafka } from '../kafka-scenario.js';

const GONE_MS = { least: 3000, more: 5000 };

export const brokerGone = onKafka({
  name: 'kafka-gone',
  title: 'Kafka gone for some seconds: writes go on, the relay catches up, and nobody restarts anything',
  services: ['relay', 'access', 'conversation', 'analytics'],
  async fault({ n, on, random, ledger, over, problem }) {
    await on.kafka.stop();
    const before = ledger.acknowledged;
    await sleep(GONE_MS.least + GONE_MS.more * random());
    if (ledger.acknowledged === before) problem(`try ${n + 1}: nothing was acknowledged while Kafka was gone`);
    await on.kafka.start();
    over();
    return undefined;
  },
});
