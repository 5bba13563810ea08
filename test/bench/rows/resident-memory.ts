import { setTimeout as sleep } from 'node:timers/promises';
import { residentMegabytes } from '../../resilience/processes.js';
import { type Bench, startProduct } from '../bench.js';
import type { Figure } from '../figures.js';
import { fill, openStore, POSTED_CONVERSATIONS } from '../store.js';

const MESSAGES = 100_000;
const AFTER_MS = 30_000;
const TARGET_MB = 350;

/** Row 6: VmRSS of the server 30 s after 100 k messages. One round: the process is new, and the wait is long. */
export async function residentMemory(bench: Bench): Promise<Figure[]> {
  const server = await startProduct(bench, 'memory');
  try {
    const before = residentMegabytes(server.pid);
    const store = await openStore(bench, server, POSTED_CONVERSATIONS);
    const posted = await fill(store, store.posted, MESSAGES);
    const busy = residentMegabytes(server.pid);
    await sleep(AFTER_MS);
    const after = residentMegabytes(server.pid);
    return [
      {
        row: 'resident memory',
        what: `30 s after ${posted.toLocaleString('en-US')} messages`,
        value: `${Math.round(after)} MB`,
        floor: `${Math.round(before)} MB after the start, ${Math.round(busy)} MB after the last message`,
        target: `≤ ${TARGET_MB} MB`,
        met: after <= TARGET_MB,
        numbers: { after_mb: after, started_mb: before, busy_mb: busy, messages: posted },
      },
    ];
  } finally {
    await server.end();
  }
}
