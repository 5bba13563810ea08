/** Between two looks, ms. */
const PAUSE_MS = 10;
// Nothing that is right takes so long: whoever comes to its end has failed, on a busy machine, too.
const PATIENCE_MS = 60_000;

/** Resolves once it is met. Throws after `timeoutMs`, and says what it waited for: else the condition as it is written. */
export async function until(
  met: () => boolean | Promise<boolean>,
  timeoutMs = PATIENCE_MS,
  what: () => string | Promise<string> = () => String(met),
): Promise<void> {
  for (const end = Date.now() + timeoutMs; !(await met()); ) {
    if (Date.now() > end) throw new Error(`Not met within ${timeoutMs} ms: ${await what()}`);
    await pause();
  }
}

/** The first result of an attempt that does not throw; after `timeoutMs` the last error is thrown. */
export async function eventually<T>(attempt: () => T | Promise<T>, timeoutMs = PATIENCE_MS): Promise<T> {
  for (const end = Date.now() + timeoutMs; ; ) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw error;
      await pause();
    }
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
