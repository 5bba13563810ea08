import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;
/** How long a server may take for a fast shutdown (it writes a checkpoint), and for an immediate one. */
const FAST_MS = 3_000;
const IMMEDIATE_MS = 1_000;

/** Line 1 and line 8 of postmaster.pid; null without the file. `status` is `starting`, `stopping`, `ready` or `standby`. */
export function readPostmasterPid(cluster: string): { pid: number; status: string } | null {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number.parseInt(lines[0]!, 10);
    return pid > 0 ? { pid, status: lines[7]?.trim() ?? '' } : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  if (process.platform === 'linux') {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return !['Z', 'X'].includes(text.slice(text.lastIndexOf(')') + 2)[0]!);
    } catch {
      return false;
    }
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether a process is a Postgres of this cluster: every one works in the cluster's folder. Ids are used again. */
function worksIn(pid: number, cluster: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === cluster;
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(cluster);
  } catch {
    return false;
  }
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres');
  } catch {
    return false;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile.
  }
}

async function waitForEnd(pid: number, cluster: string, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (worksIn(pid, cluster)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/**
 * Ends a postmaster that its Heddle left behind, and takes a postmaster.pid away that names a process which is no
 * Postgres of this cluster. Only the holder of the data directory's lock may call it: then every other server on the
 * cluster is an orphan. `cluster` is a real path, without links.
 */
export async function endOrphan(cluster: string): Promise<void> {
  const found = readPostmasterPid(cluster);
  if (!found) return;
  if (worksIn(found.pid, cluster)) {
    send(found.pid, 'SIGINT');
    if (await waitForEnd(found.pid, cluster, FAST_MS)) return endStrays(cluster);
    send(found.pid, 'SIGQUIT');
    if (!(await waitForEnd(found.pid, cluster, IMMEDIATE_MS))) send(found.pid, 'SIGKILL');
    await waitForEnd(found.pid, cluster, IMMEDIATE_MS);
  }
  await endStrays(cluster);
  if (!worksIn(found.pid, cluster)) rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

/**
 * Ends the backends that outlived their killed postmaster: one that is busy notices late, and while it holds the shared
 * memory no server starts. What they had not committed is rolled back by recovery. Linux only; elsewhere the next try waits.
 */
export async function endStrays(cluster: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const strays = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => worksIn(pid, cluster) && isPostgres(pid));
  for (const pid of strays) send(pid, 'SIGQUIT');
  for (const pid of strays) if (!(await waitForEnd(pid, cluster, 300))) send(pid, 'SIGKILL');
  for (const pid of strays) await waitForEnd(pid, cluster, IMMEDIATE_MS);
}
