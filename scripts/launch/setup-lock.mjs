import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { repository } from './repository.mjs';

const POLL_MS = 100;

/** Binds a name that belongs to one process at a time and that the kernel frees however that process ends. */
function bind(name) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(name, () => resolve(server));
  });
}

/** Runs `work` while no other launcher of this clone installs or builds. Only Linux has names of that kind. */
export async function withSetupLock(work) {
  if (process.platform !== 'linux') return work();
  const name = `\0heddle-setup-${createHash('sha256').update(repository).digest('hex').slice(0, 32)}`;
  let server = await bind(name);
  if (!server) console.error('Waiting for another set-up of this clone …');
  while (!server) {
    await sleep(POLL_MS);
    server = await bind(name);
  }
  try {
    return await work();
  } finally {
    server.close();
  }
}
