import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

function linkOf(path) {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function namesIn(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/**
 * The id of the process that listens on an abstract socket (its name without the leading NUL), as far as /proc shows it:
 * null for another user's process, whose open files only root may list. Linux only.
 */
export function holderOf(name) {
  const sockets = readFileSync('/proc/net/unix', 'utf8').split('\n');
  // Num RefCount Protocol Flags Type St Inode Path; an abstract name stands there with @ for its NUL.
  const inode = sockets.map((line) => line.trim().split(/\s+/)).find((fields) => fields[7] === `@${name}`)?.[6];
  if (!inode) return null;
  for (const pid of namesIn('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const files = `/proc/${pid}/fd`;
    if (namesIn(files).some((file) => linkOf(`${files}/${file}`) === `socket:[${inode}]`)) return Number(pid);
  }
  return null;
}
