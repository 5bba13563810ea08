import { setTimeout as sleep } from 'node:timers/promises';
import { onKafka } from '../kafka-scenario.js';

/** With the pause before each try: two seconds. */
const EVERY_MS = 1550;

/** A try is one rebalance: the third process comes, or goes. */
export const rebalances = onKafka({
  name: 'kafka-rebalances',
  title: 'a third process of analytics started and ended all the time: a rebalance every two seconds',
  services: ['relay', 'access', 'conversation', 'analytics', 'analytics'],
  async fault({ n, on, over }) {
    const third = on.of('analytics')[2] ?? (await on.add('analytics'));
    const began = performance.now();
    if (n % 2 === 0) await third.start();
    else await third.stop();
    over();
    await sleep(Math.max(0, EVERY_MS - (performance.now() - began)));
    return undefined;
  },
});
