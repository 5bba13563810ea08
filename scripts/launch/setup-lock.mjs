import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from './launch-error.mjs';
import { repository } from './repository.mjs';
import { holderOf } from './setup-lock-holder.mjs';

const POLL_MS = 100;
/** A set-up takes about a minute. One of our own may be slow; a process that is not ours may never let go. */
const TELL_AFTER_MS = 60_000;
const GIVE_UP_AFTER_MS = 15 * 60_000;

/** Binds a name that belongs to one process at a time and that the kernel frees however that process ends. */
function bind(name) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(`\0${name}`, () => resolve(server));
  });
}

/** The lock's name for a clone: any local user could bind it, so a holder that is not ours is told from one that is. */
export function lockName(clone) {
  return `heddle-setup-${createHash('sha256').update(clone).digest('hex').slice(0, 32)}`;
}

async function waitFor(name, { tellAfterMs, giveUpAfterMs }) {
  const start = Date.now();
  let told = false;
  let first = true;
  for (;;) {
    const server = await bind(name);
    if (server) return server;
    const waited = Date.now() - start;
    if (waited > tellAfterMs && !told) {
      told = true;
      const pid = holderOf(name);
      // Freed between the two looks, or another user's: the next bind tells which.
      const freed = pid === null && (await bind(name));
      if (freed) return freed;
      if (pid === null) {
        throw new LaunchError(
          `A process of another user holds the set-up lock of this clone (the abstract socket @${name}): end it as root (ss -xlp names it), or clone into another folder.`,
        );
      }
      console.error(`The process ${pid} still sets this clone up: wait, or end it (kill ${pid}).`);
    }
    if (waited > giveUpAfterMs) {
      throw new LaunchError(
        `Another set-up of this clone did not end in ${Math.round(waited / 60_000)} minutes: end the process ${holderOf(name) ?? 'that runs it'}, then run the same command again.`,
      );
    }
    if (first) console.error('Waiting for another set-up of this clone …');
    first = false;
    await sleep(POLL_MS);
  }
}

/**
 * Runs `work` while no other launcher of this clone installs or builds. Only Linux has names of that kind. Throws
 * LaunchError when another user's process holds the lock for a minute, or one of ours for a quarter of an hour.
 */
export async function withSetupLock(
  work,
  { clone = repository, tellAfterMs = TELL_AFTER_MS, giveUpAfterMs = GIVE_UP_AFTER_MS } = {},
) {
  if (process.platform !== 'linux') return work();
  const server = await waitFor(lockName(clone), { tellAfterMs, giveUpAfterMs });
  try {
    return await work();
  } finally {
    server.close();
  }
}
