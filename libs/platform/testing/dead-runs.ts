import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Removes the temporary folders of runs that were killed before they could: `<prefix><id of the process>-…`. Those of
 * processes that still run stay.
 */
export function removeFoldersOfDeadRuns(prefix: string, within = tmpdir()): void {
  for (const name of readdirSync(within)) {
    if (!name.startsWith(prefix)) continue;
    try {
      process.kill(Number(name.slice(prefix.length).split('-')[0]), 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') continue;
      rmSync(join(within, name), { recursive: true, force: true });
    }
  }
}
