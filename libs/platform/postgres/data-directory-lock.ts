import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/** Made with mode 0600: who may read a file may lock it. An existing one is not opened, since close() drops our lock. */
function makeLockFile(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/**
 * Locks the folder's file `lock`, which stays empty; null while another process has it, or this one. The kernel drops the
 * lock with the process, also at kill -9, and holds it against other containers on the same volume too. Node.js offers no
 * flock, SQLite's lock on a file is the one of fcntl (LockFileEx on Windows); whoever cannot open the file cannot take it.
 */
export function tryLock(folder: string): { release(): void } | null {
  const file = join(folder, 'lock');
  makeLockFile(file);
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // In memory, or a journal would lie beside it.
    database.exec('pragma journal_mode = memory; begin exclusive');
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null;
    throw error;
  }
  return { release: () => database.close() };
}
