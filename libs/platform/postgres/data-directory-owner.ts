import { chmodSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataDirectoryError } from './data-directory-error.js';

/** What opens the store or the API, and the lock. */
const PRIVATE_FILES = ['root-key', 'default-key', 'postgres-password', 'postgres-url', 'lock'];
const WRITABLE_BY_OTHERS = 0o022;
const OPEN_TO_OTHERS = 0o077;

function entry(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function refuseStranger(what: string, path: string, { uid }: Stats, ourUid: number): void {
  if (uid === ourUid || uid === 0) return;
  throw new DataDirectoryError(
    `${what} ${path} belongs to the user with the id ${uid}, this is ${ourUid}, so its content may be that user's: start Heddle as that user, chown -R it if you trust what is in it, or set HEDDLE_DATA_DIR to another folder.`,
  );
}

/**
 * Throws DataDirectoryError where another user than root may have put something into the data directory: it, or a file
 * with a secret in it, belongs to somebody else, or may be written by the group or others. A missing one is in order, and
 * so is an empty directory of our own, which `closeDataDirectory` closes. To be called before anything in it is believed.
 * Its folders are not looked at: the cluster may belong to the user that Postgres runs as, inside a directory of ours.
 */
export function checkDataDirectory(path: string): void {
  const ourUid = process.geteuid?.();
  if (ourUid === undefined) return;
  const folder = entry(path);
  if (!folder?.isDirectory()) return;
  refuseStranger('The data directory', path, folder, ourUid);
  const oursAndEmpty = () => folder.uid === ourUid && readdirSync(path).length === 0;
  if (folder.mode & WRITABLE_BY_OTHERS && !oursAndEmpty()) {
    throw new DataDirectoryError(
      `The data directory ${path} may be written by other users (mode ${octal(folder)}): chmod 700 it if you trust what is in it, or set HEDDLE_DATA_DIR to a folder in it, such as ${join(path, 'heddle')}, which Heddle makes for itself.`,
    );
  }
  for (const name of PRIVATE_FILES) checkPrivateFile(join(path, name), ourUid);
}

function checkPrivateFile(path: string, ourUid: number): void {
  const file = entry(path);
  if (!file) return;
  if (!file.isFile()) throw new DataDirectoryError(`${path} is not a file: move it away.`);
  refuseStranger('The file', path, file, ourUid);
  if (file.mode & WRITABLE_BY_OTHERS) {
    throw new DataDirectoryError(
      `The file ${path} may be written by other users (mode ${octal(file)}): chmod 600 it if you trust what is in it, or move it away.`,
    );
  }
}

/**
 * Closes to others what is ours: 0700 the directory, 0600 the files with a secret. Only for the holder of the lock, since
 * a server whose Postgres runs as nobody has opened its own (0711). Throws what checkDataDirectory throws where something
 * was put into a directory while it was open.
 */
export function closeDataDirectory(path: string): void {
  const ourUid = process.geteuid?.();
  if (ourUid === undefined) return;
  close(path, 0o700, ourUid);
  for (const name of PRIVATE_FILES) close(join(path, name), 0o600, ourUid);
  checkDataDirectory(path);
}

function close(path: string, mode: number, ourUid: number): void {
  const found = entry(path);
  if (found && found.uid === ourUid && found.mode & OPEN_TO_OTHERS) chmodSync(path, mode);
}

function octal({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
