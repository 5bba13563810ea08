/** What has to be ended before this program may end: servers, clusters, mounts. */
const living = new Set<() => Promise<void> | void>();

/** Registers how to end a thing; call what it returns once the thing has ended. */
export function keepTrack(end: () => Promise<void> | void): () => void {
  living.add(end);
  return () => living.delete(end);
}

/** Ends what is left, the youngest first, on Ctrl-C and SIGTERM: nothing stays running or mounted. */
export function endAllOnSignal(): void {
  let ending = false;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, async () => {
      if (ending) return;
      ending = true;
      for (const end of [...living].reverse()) {
        try {
          await end();
        } catch (error) {
          console.error((error as Error).message);
        }
      }
      process.exit(130);
    });
  }
}
