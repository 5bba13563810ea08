import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RECOVER_WITHIN_MS, runCampaign } from '../campaign.js';
import { freePort } from '../free-port.js';
import { isReady } from '../json-over-http.js';
import { commandOf, isAlive, listenerOn, parentOf, signal } from '../processes.js';
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
          if (await isGone(server)) left.push('nobody: the server had ended by itself, and was started again');
          const chain = chainOf(server);
          begun();
          const pid = chain[victim];
          if (pid === undefined) throw new Error(`there is no ${victim} above the server: ${JSON.stringify(chain)}`);
          signal(pid, 'SIGKILL');
          // Postgres comes back under its server: a second start beside it would rightly be refused.
          if (victim === 'postgres') return 0;
          const took = await startAgain(server, chain.server);
          const stale = Object.entries(chain).filter(([, old]) => old !== server.pid && isAlive(old));
          if (stale.length > 0) left.push(`after the kill of ${victim}: ${stale.map(([role]) => role).join(', ')}`);
          return took;
        },
      });
      for (const sentence of new Set(left)) outcome.problems.push(`left running ${sentence}`);
      return outcome;
    } finally {
      await server.end();
    }
  },
};

/** Whether nobody listens though nothing was killed since it last answered; then it is started again. */
async function isGone(server: ServerProcess): Promise<boolean> {
  if (listenerOn(server.settings.port) !== null) return false;
  await startAgain(server, undefined);
  return true;
}

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

/**
 * `npm start` until one stays: while the old chain is still ending, the port or the data directory may be in use. The
 * old server may answer once more meanwhile, so the new one is known by its pid. Resolves to how long it took, in ms.
 */
async function startAgain(server: ServerProcess, old: number | undefined): Promise<number> {
  const began = performance.now();
  server.spawn();
  while (performance.now() - began < RECOVER_WITHIN_MS * 2) {
    const pid = listenerOn(server.settings.port);
    if (pid !== null && pid !== old && (await isReady(server.settings.port))) return performance.now() - began;
    if (server.hasEnded) server.spawn();
    await sleep(20);
  }
  throw new Error(`npm start did not answer within ${RECOVER_WITHIN_MS * 2} ms; it said: ${server.lastWords}`);
}
