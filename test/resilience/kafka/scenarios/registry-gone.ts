import { setTimeout as sleep } from 'node:timers/promises';
import { signal } from '../../processes.js';
import { appliedAgain } from '../applied-events.js';
import { onKafka, type Strike } from '../kafka-scenario.js';
import { MemoryRegistry } from '../memory-registry.js';

const SECONDS = { least: 1, more: 3 };

/** While the registry is away, relay and analytics by turns are killed and started: what they know must be enough. */
export const registryGone = onKafka({
  name: 'kafka-registry-gone',
  title: 'an outside registry gone; relay or analytics killed meanwhile, and started without it',
  services: ['relay', 'access', 'conversation', 'analytics'],
  async prepare({ registryGoneSeconds }) {
    const registry = await MemoryRegistry.open();
    const fault = async ({ n, on, random, ledger, over }: Strike) => {
      await registry.goAway();
      const began = performance.now();
      const victim = on.of(n % 2 === 0 ? 'relay' : 'analytics')[0]!;
      signal(victim.pid, 'SIGKILL');
      over();
      const took = await victim.start();
      // Without the registry.
      await appliedAgain(on, performance.now(), ledger);
      const seconds = registryGoneSeconds ?? SECONDS.least + SECONDS.more * random();
      await sleep(Math.max(0, seconds * 1000 - (performance.now() - began)));
      await registry.comeBack();
      return took;
    };
    return { options: { registryUrl: registry.url }, fault, end: () => registry.goAway() };
  },
});
