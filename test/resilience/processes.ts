import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Looks at processes through Linux's /proc: elsewhere these answer as if there were none. */
function pids(): number[] {
  return existsSync('/proc')
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
    : [];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The parent's pid; 0 where the process is gone. */
export function parentOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

export function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/** False for the gone and for zombies that wait to be collected. */
export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== '' && stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
}

/** Every living process whose environment or command line names this (unique) folder. */
export function processesNaming(folder: string): number[] {
  return pids().filter(
    (pid) =>
      pid !== process.pid &&
      isAlive(pid) &&
      (namesFolder(commandOf(pid), folder) || read(`/proc/${pid}/environ`).includes(`HEDDLE_DATA_DIR=${folder}\0`)),
  );
}

/** Whether a command line has this folder or a path in it, and not only one whose name goes on. */
export function namesFolder(command: string, folder: string): boolean {
  const at = command.indexOf(folder);
  if (at === -1) return false;
  const rest = command.slice(at + folder.length);
  return /^($|[/\s'":,;])/.test(rest) || namesFolder(rest, folder);
}

/** The process that listens on a TCP port of this machine, or null. */
export function listenerOn(port: number): number | null {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  const inodes = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of read(table).split('\n')) {
      const fields = line.trim().split(/\s+/);
      if (fields[1]?.endsWith(`:${hexPort}`) && fields[3] === '0A') inodes.add(`socket:[${fields[9]}]`);
    }
  }
  if (inodes.size === 0) return null;
  for (const pid of pids()) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        if (inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`))) return pid;
      }
    } catch {
      // Gone meanwhile, or another user's.
    }
  }
  return null;
}

/** Resident memory in MB (10^6 bytes), from VmRSS. */
export function residentMegabytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1];
  if (kib === undefined) throw new Error(`process ${pid} is gone`);
  return (Number(kib) * 1024) / 1e6;
}

/**
 * What a process has used of the processors, in seconds: user and system, from /proc's ticks of 10 ms; and where asked for what
 * those of its children had used that have ended. 0 for one that is gone.
 */
export function cpuSeconds(pid: number, withEndedChildren = false): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, withEndedChildren ? 15 : 13);
  return ticks.reduce((sum, one) => sum + Number(one), 0) / 100;
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends processes of our own, by pid: SIGTERM, and SIGKILL after `graceMs`. */
export async function endAll(these: readonly number[], graceMs = 5000): Promise<void> {
  for (const pid of these) signal(pid, 'SIGTERM');
  const deadline = performance.now() + graceMs;
  while (these.some(isAlive) && performance.now() < deadline) await sleep(50);
  for (const pid of these.filter(isAlive)) signal(pid, 'SIGKILL');
}
