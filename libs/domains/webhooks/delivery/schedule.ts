/** A wait is lengthened by up to this part of itself, so that what failed together does not come again together. */
const JITTER = 0.2;

/**
 * For how long after its latest attempt a message waits for the next one, ms; null where it has had all of them. A receiver's
 * `Retry-After` lengthens a wait and never shortens it. `random` gives 0 to 1.
 */
export function waitAfter(
  schedule: readonly number[],
  attempts: number,
  retryAfterMs: number | null,
  random: () => number,
): number | null {
  const seconds = schedule[attempts - 1];
  if (seconds === undefined) return null;
  return Math.max(seconds * 1000 * (1 + JITTER * random()), retryAfterMs ?? 0);
}
