import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RECOVER_WITHIN_MS, runCampaign } from '../campaign.js';
import { freePort } from '../free-port.js';
import { commandOf, isAlive, parentOf, signal } from '../processes.js';
import type { Scenario } from '../scenario.js';
import { ServerProcess } from '../server-process.js';

const VICTIMS = ['npm', 'launcher', 'server', 'postgres'] as const;
type Victim = (typeof VICTIMS)[number];

export const launcherChain: Scenario = {
  name: 'launcher-chain',
  title: 'kill -9 of npm, launcher, server and Postgres by turns, then a new npm start',
  async run({ tries, random, folder, rootKey }) {
    const port = await freePort();
    const server = new ServerProcess({ port, dataDir: join(folder, 'data'), rootKey, databaseUrl: null }, 'npm');
    const left: string[] = [];
    try {
      await server.start();
      const outcome = await runCampaign({
        ports: [port],
        rootKey,
        databaseUrl: () => server.databaseUrl,
        tries,
        random,
        recoverWithinMs: RECOVER_WITHIN_MS,
        async fault(n, begun) {
          const victim = VICTIMS[n % VICTIMS.length]!;
          const chain = chainOf(server);
          begun();
          const pid = chain[victim];
          if (pid === undefined) throw new Error(`there is no ${victim} above the server: ${JSON.stringify(chain)}`);
          signal(pid, 'SIGKILL');
          // Postgres comes back under its server: a second start beside it would rightly be refused.
          if (victim === 'postgres') return;
          await startAgain(server);
          const stale = Object.entries(chain).filter(([, old]) => old !== server.pid && isAlive(old));
          if (stale.length > 0) left.push(`after the kill of ${victim}: ${stale.map(([role]) => role).join(', ')}`);
        },
      });
      for (const sentence of new Set(left)) outcome.problems.push(`left running ${sentence}`);
      return outcome;
    } finally {
      await server.end();
    }
  },
};

/** From the listening process upwards. */
function chainOf(server: ServerProcess): Partial<Record<Victim, number>> {
  const chain: Partial<Record<Victim, number>> = { server: server.pid, postgres: server.postmaster };
  for (let pid = parentOf(server.pid); pid > 1 && pid !== process.pid; pid = parentOf(pid)) {
    const command = commandOf(pid);
    if (command.includes('launch.mjs')) chain.launcher ??= pid;
    else if (command.startsWith('npm ')) chain.npm = pid;
  }
  return chain;
}

/** `npm start` until one stays: while the old chain is still ending, the port or the data directory is in use. */
async function startAgain(server: ServerProcess): Promise<void> {
  const deadline = performance.now() + RECOVER_WITHIN_MS;
  let said: unknown;
  while (performance.now() < deadline) {
    try {
      const child = server.spawn();
      await server.ready(deadline - performance.now());
      // The old server may have answered once more while it was ending: the new one is the child's.
      await sleep(300);
      if (child.exitCode === null && child.signalCode === null) return;
      await server.ready(deadline - performance.now());
    } catch (error) {
      said = error;
    }
  }
  throw new Error(`npm start did not answer within ${RECOVER_WITHIN_MS} ms: ${said}`);
}
