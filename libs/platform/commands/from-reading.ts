import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from '../operations/reply.js';

const TRIES = 12;
/** Those who were turned back together come again one after the other. */
const MOST_PAUSE_MS = 25;

/**
 * Carries out a command that was made from a reading, and makes it again from a new one where what was read has changed
 * meanwhile. The last answer is given as it is: `changed_meanwhile` where others keep changing it.
 */
export async function fromReading(attempt: () => Promise<Reply>): Promise<Reply> {
  for (let tries = 1; ; tries++) {
    const reply = await attempt();
    if (tries === TRIES || !isStale(reply)) return reply;
    await sleep(Math.random() * MOST_PAUSE_MS * tries);
  }
}

function isStale({ status, body }: Reply): boolean {
  return status === 409 && typeof body === 'string' && JSON.parse(body).code === 'changed_meanwhile';
}
