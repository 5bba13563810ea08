import { setTimeout as sleep } from 'node:timers/promises';
import { signal } from '../../processes.js';
import type { Installation } from '../installation.js';
import { onKafka } from '../kafka-scenario.js';

/** Above the lease of 10 s and the second after which the other one looks. */
const STOPPED_MS = { least: 12_000, more: 2000 };

/** SIGSTOP of the relay that has the lease; the other takes over, and then the first one goes on where it was. */
export const relayStopped = onKafka({
  name: 'kafka-relay-stopped',
  title: 'the relay stopped for longer than its lease, and continued; another one running',
  services: ['relay', 'relay', 'access', 'conversation', 'analytics'],
  async fault({ n, on, random, over, problem }) {
    const before = await turnOf(on);
    signal(before.pid, 'SIGSTOP');
    try {
      await sleep(STOPPED_MS.least + STOPPED_MS.more * random());
      const after = await turnOf(on);
      if (after.pid === before.pid) problem(`try ${n + 1}: nobody took over from a relay that was stopped`);
    } finally {
      signal(before.pid, 'SIGCONT');
      over();
    }
    return undefined;
  },
});

/** Whose turn it is: a holder is `<host>:<pid>:<random>`. */
async function turnOf(on: Installation): Promise<{ token: number; pid: number }> {
  const [row] = await on.rows<{ token: string; holder: string }>('select token, holder from log.relay');
  return { token: Number(row!.token), pid: Number(row!.holder.split(':').at(-2)) };
}
