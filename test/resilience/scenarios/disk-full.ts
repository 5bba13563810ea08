import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runCampaign } from '../campaign.js';
import { freePort } from '../free-port.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';
import { SmallDisk } from '../small-disk.js';

const MEGABYTES = 1024;
/** Postgres writes on in the space that it had reserved: how long a full disk may go unnoticed. */
const NOTICED_WITHIN_MS = 8000;
const RECOVER_WITHIN_MS = 15_000;

export const diskFull: Scenario = {
  name: 'disk-full',
  title: 'the disk under the embedded Postgres full, then freed; the server stays',
  async run({ tries, random, folder, rootKey }) {
    const disk = SmallDisk.mount(join(folder, 'disk'), MEGABYTES);
    if (!(disk instanceof SmallDisk)) return { skipped: disk.refused, lacks: 'right' };
    const port = await freePort();
    const dataDir = join(disk.folder, 'data');
    const settings = { port, dataDir, rootKey, databaseUrl: null };
    const server = new ServerProcess(settings, 'program', join(folder, 'server.log'));
    let unnoticed = 0;
    try {
      await server.start();
      const { pid } = server;
      const outcome = await runCampaign({
        ports: [port],
        rootKey,
        databaseUrl: () => server.databaseUrl,
        tries,
        random,
        clients: 8,
        recoverWithinMs: RECOVER_WITHIN_MS,
        async fault(_n, begun, ledger) {
          const before = ledger.unavailable;
          disk.fill();
          const deadline = performance.now() + NOTICED_WITHIN_MS;
          while (ledger.unavailable === before && performance.now() < deadline) {
            await sleep(20);
            disk.fill();
          }
          if (ledger.unavailable === before) unnoticed++;
          await sleep(800 * random());
          disk.free();
          begun();
          return undefined;
        },
      });
      if (server.pid !== pid) outcome.problems.push('the server did not outlive the full disk');
      if (unnoticed === tries) outcome.problems.push('no request was answered 503 while the disk was full');
      return outcome;
    } finally {
      disk.free();
      await server.end();
      await disk.unmount();
    }
  },
};
