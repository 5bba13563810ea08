/** How long the orderly end may take before the process ends by force. */
const ORPHANED_MS = 1_500;
const SIGNALLED_MS = 10_000;

let ending = false;

/** The first call ends the process in order; a later one only lets it have no more than `graceMs` from now. */
async function endBy(end: () => unknown, graceMs: number, status: number): Promise<void> {
  setTimeout(() => process.exit(1), graceMs).unref();
  if (ending) return;
  ending = true;
  try {
    await end();
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
  process.exit(status);
}

/**
 * Ends this process when the launcher that spawned it is gone, however it went: calls `onGone`, then exits, after 1.5 s
 * at the latest. Returns false, and does nothing, in a process that was started without an IPC channel.
 */
export function endWithParent(onGone: () => unknown): boolean {
  if (process.connected === undefined) return false;
  // The pipe that a dead parent read from must not turn the orderly end into an EPIPE crash.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const leave = () => void endBy(onGone, ORPHANED_MS, 1);
  process.once('disconnect', leave);
  process.channel?.unref();
  if (!process.connected) leave();
  return true;
}

/**
 * Ends this process at the first SIGINT or SIGTERM: calls `end`, then exits with the status 0 (1 when `end` throws, or
 * takes more than 10 s). Ctrl-C reaches a process twice, from the terminal and from the launcher: later signals are
 * not heard.
 */
export function endOnSignal(end: () => unknown): void {
  let heard = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (heard) return;
      heard = true;
      void endBy(end, SIGNALLED_MS, 0);
    });
  }
}
