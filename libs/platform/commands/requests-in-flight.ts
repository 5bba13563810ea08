import { firstInFlight, keyReused } from './command-problems.js';

interface RequestKey {
  key: string;
  fingerprint: string;
}

const REPEATS_WAIT_MS = 5000;

/**
 * The requests with idempotency keys that are not answered yet. Of those with the same key one is carried out at a time, and
 * the others find its answer in the store.
 */
export class RequestsInFlight<Answer> {
  private readonly running = new Map<string, { fingerprint: string; done: Promise<Answer> }>();

  /**
   * Carries out a request once no other with its key is under way; at once without a key. Throws `Problem`:
   * `idempotency_key_reused` where the other one asks for something else, `request_in_flight` where it takes longer than 5 s.
   */
  once(key: RequestKey | null, carryOut: () => Promise<Answer>): Promise<Answer> {
    if (key === null) return carryOut();
    const first = this.running.get(key.key);
    if (first !== undefined) return this.after(first, key, carryOut);
    const done = carryOut();
    this.running.set(key.key, { fingerprint: key.fingerprint, done });
    const forget = () => this.running.delete(key.key);
    done.then(forget, forget);
    return done;
  }

  private async after(
    first: { fingerprint: string; done: Promise<Answer> },
    key: RequestKey,
    carryOut: () => Promise<Answer>,
  ): Promise<Answer> {
    if (first.fingerprint !== key.fingerprint) throw keyReused();
    await endOf(first.done);
    return this.once(key, carryOut);
  }
}

/** Resolves when it has ended, however. */
async function endOf(done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(firstInFlight()), REPEATS_WAIT_MS);
  });
  try {
    await Promise.race([done.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}
