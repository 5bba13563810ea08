import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { endChildren } from './children.mjs';

const WATCH_MS = 250;
/** How long a program may take to end in order: after Ctrl-C, and when nobody is left above us. */
const ORDERLY_MS = 15_000;
const ORPHANED_MS = 1_500;

/** The parent's id and the name of a process, or null when it is gone. */
function lookUp(pid) {
  try {
    if (process.platform === 'linux') {
      const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const end = text.lastIndexOf(')');
      return { name: text.slice(text.indexOf('(') + 1, end), parent: Number(text.slice(end + 2).split(' ')[1]) };
    }
    const text = execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const [parent, ...name] = text.split(/\s+/);
    return { name: name.join(' ').replace(/^.*\//, ''), parent: Number(parent) };
  } catch {
    return null;
  }
}

/**
 * Ends everything on Ctrl-C and SIGTERM, and when npm, or the shell between npm and us, is killed in a way that it
 * cannot pass on (kill -9). A child is given to another parent at once, also while its old parent is a zombie, so the
 * pairs child → parent are what is watched. Run without npm, the launcher belongs to whoever started it: no watch.
 */
export function endWithNpm() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => endChildren(ORDERLY_MS, 128 + constants.signals[signal]));
  }
  if (!process.env.npm_lifecycle_event || process.platform === 'win32') return;
  const parent = process.ppid;
  const above = lookUp(parent);
  const shell = above && !/^(npm|node|MainThread)/.test(above.name) ? above : null;
  const period = process.platform === 'linux' ? WATCH_MS : WATCH_MS * 4;
  setInterval(() => {
    const gone = process.ppid !== parent || (shell && lookUp(parent)?.parent !== shell.parent);
    if (gone) endChildren(ORPHANED_MS, 1);
  }, period).unref();
}
