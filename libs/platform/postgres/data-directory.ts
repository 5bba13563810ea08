import { randomBytes } from 'node:crypto';
import { access, constants, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSecretText, SECRET_MIN } from '../settings/secret-text.js';
import { DataDirectoryError } from './data-directory-error.js';
import { tryLock } from './data-directory-lock.js';
import { checkDataDirectory, closeDataDirectory } from './data-directory-owner.js';
import { makeFolder } from './make-folder.js';

export { DataDirectoryError };

/** The folder of the keys and of the embedded Postgres, held by this process alone until `release` or its death. */
export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  /**
   * The content of the file `name` (mode 0600), made by `make` and kept when there is none. One line, trimmed. Throws
   * DataDirectoryError for a content that is no secret (isSecretText).
   */
  secret(name: string, make: () => string): Promise<string>;
  release(): Promise<void>;
}

const WAIT_MS = 5_000;
const POLL_MS = 50;
const HOLDER_FILE = 'holder';

async function lock(path: string): Promise<{ release(): void }> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    let held: ReturnType<typeof tryLock>;
    try {
      held = tryLock(path);
    } catch (error) {
      throw unusable(path, error);
    }
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
    if (isSecretText(content)) return content;
    if (content) {
      throw new DataDirectoryError(
        `${path} holds a text of ${content.length} characters that cannot be a key: write at least ${SECRET_MIN} printable ASCII characters without a space into it, or move it away and let Heddle make one.`,
      );
    }
  } catch (error) {
    if (error instanceof DataDirectoryError) throw error;
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
  if (error instanceof DataDirectoryError) return error;
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

/**
 * Opens the data directory, made with mode 0700 when it is missing, for this process alone. A holder that is dying is
 * waited for, 5 s at most. Throws DataDirectoryError when it is held, is a file, cannot be written, or may hold what
 * another user put there (checkDataDirectory).
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  const absolute = resolve(path);
  try {
    await makeFolder(absolute);
    await access(absolute, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(absolute, error);
  }
  checkDataDirectory(absolute);
  const held = await lock(absolute);
  try {
    closeDataDirectory(absolute);
    await writeFile(join(absolute, HOLDER_FILE), `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    held.release();
    throw unusable(absolute, error);
  }
  return {
    path: absolute,
    secret: (name, make) => readOrMake(join(absolute, name), make),
    async release() {
      await rm(join(absolute, HOLDER_FILE), { force: true });
      held.release();
    },
  };
}
