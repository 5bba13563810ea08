import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { access, chmod, constants, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartupError } from '../settings/startup-error.js';

/** The data directory cannot be used: one line with the directory, what is wrong and the fix. */
export class DataDirectoryError extends StartupError {
  override name = 'DataDirectoryError';
}

/** The folder of the keys and of the embedded Postgres, held by this process alone until `release` or its death. */
export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  /** The content of the file `name` (mode 0600), made by `make` and kept when there is none. One line, trimmed. */
  secret(name: string, make: () => string): Promise<string>;
  release(): Promise<void>;
}

const WAIT_MS = 5_000;
const POLL_MS = 50;
const HOLDER_FILE = 'holder';

interface Held {
  release(): Promise<void>;
}

/** A name that one process can listen on, made of the folder's device and inode: two paths of one folder meet there. */
async function nameOf(path: string): Promise<string> {
  const { dev, ino } = await stat(path, { bigint: true });
  const name = `heddle-data-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 32)}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : `\0${name}`;
}

/**
 * A lock that the kernel drops with the process, also at kill -9, and that leaves nothing stale: an abstract socket on
 * Linux, a named pipe on Windows, a file that is open with O_EXLOCK on macOS and BSD. Null while another process has it.
 */
async function tryLock(path: string): Promise<Held | null> {
  if (process.platform === 'linux' || process.platform === 'win32') {
    const name = await nameOf(path);
    const server = createServer((socket) => socket.destroy());
    server.unref();
    return new Promise((settle, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? settle(null) : reject(error),
      );
      server.listen(name, () => settle({ release: () => new Promise((closed) => server.close(() => closed())) }));
    });
  }
  const O_EXLOCK = 0x20;
  try {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | O_EXLOCK;
    const file = openSync(join(path, 'lock'), flags, 0o600);
    return { release: async () => closeSync(file) };
  } catch (error) {
    if (['EAGAIN', 'EWOULDBLOCK'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

async function lock(path: string): Promise<Held> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const held = await tryLock(path);
    if (held) return held;
    if (Date.now() > deadline) break;
    await sleep(POLL_MS);
  }
  const pid = (await readFile(join(path, HOLDER_FILE), 'utf8').catch(() => '')).trim();
  throw new DataDirectoryError(
    `The data directory ${path} is in use by ${pid ? `the process ${pid}` : 'another process'}: stop that Heddle, or set HEDDLE_DATA_DIR to another folder.`,
  );
}

/** Writes beside the file and renames, so that a reader or a kill finds the old content or the new, never a part. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  const incoming = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}`);
  try {
    const file = await open(incoming, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(incoming, path);
  } catch (error) {
    await rm(incoming, { force: true });
    throw error;
  }
}

async function readOrMake(path: string, make: () => string): Promise<string> {
  try {
    const content = (await readFile(path, 'utf8')).trim();
    if (content) {
      if ((await stat(path)).mode & 0o077) await chmod(path, 0o600);
      return content;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') {
      throw new DataDirectoryError(`${path} cannot be read (${code}): make it readable, or move it away.`);
    }
  }
  const made = make();
  await writePrivateFile(path, `${made}\n`);
  return made;
}

function unusable(path: string, error: unknown): DataDirectoryError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return new DataDirectoryError(
      `The data directory ${path} is a file, or lies under one: move that file, or set HEDDLE_DATA_DIR to a folder.`,
    );
  }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new DataDirectoryError(
      `The data directory ${path} is on a full disk: make room, or set HEDDLE_DATA_DIR to a folder on another one.`,
    );
  }
  const who = process.geteuid ? `the user with the id ${process.geteuid()}` : 'this user';
  return new DataDirectoryError(
    `The data directory ${path} cannot be made or written by ${who} (${code ?? message}): correct its permissions, or set HEDDLE_DATA_DIR to another folder.`,
  );
}

/** `mkdir` with `recursive` tries for ever where a file system takes no folders, as /proc does (Node.js 24). */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    const parent = dirname(path);
    if (code !== 'ENOENT' || parent === path || (await isThere(parent))) throw error;
    await makeFolder(parent);
    await mkdir(path, { mode: 0o700 });
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Opens the data directory, made with mode 0700 when it is missing, for this process alone. A holder that is dying is
 * waited for, 5 s at most. Throws DataDirectoryError when it is held, is a file, or cannot be written.
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const absolute = resolve(path);
  try {
    await makeFolder(absolute);
    await access(absolute, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(absolute, error);
  }
  const held = await lock(absolute);
  try {
    await writeFile(join(absolute, HOLDER_FILE), `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    await held.release();
    throw unusable(absolute, error);
  }
  return {
    path: absolute,
    secret: (name, make) => readOrMake(join(absolute, name), make),
    async release() {
      await rm(join(absolute, HOLDER_FILE), { force: true });
      await held.release();
    },
  };
}
