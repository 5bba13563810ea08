import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Java {
  /** Of the `java` program. */
  path: string;
  /** The major version, such as 17. */
  version: number;
}

/** Where systems keep their JVMs: Debian and Red Hat, macOS. */
const FOLDERS = ['/usr/lib/jvm', '/Library/Java/JavaVirtualMachines'];

/** The first Java of at least this version: from JAVA_HOME, PATH, then the system's folder of JVMs, oldest first. */
export function findJava(atLeast: number): Java | null {
  for (const path of candidates()) {
    const version = versionOf(path);
    if (version !== null && version >= atLeast) return { path, version };
  }
  return null;
}

function* candidates(): Generator<string> {
  const { JAVA_HOME, PATH = '' } = process.env;
  if (JAVA_HOME) yield join(JAVA_HOME, 'bin', 'java');
  for (const folder of PATH.split(':')) if (folder !== '') yield join(folder, 'java');
  for (const folder of FOLDERS.filter((one) => existsSync(one))) {
    for (const name of readdirSync(folder).sort()) {
      yield join(folder, name, 'bin', 'java');
      yield join(folder, name, 'Contents', 'Home', 'bin', 'java');
    }
  }
}

function versionOf(path: string): number | null {
  if (!existsSync(path)) return null;
  try {
    // JEP 322's scheme: `openjdk 17.0.12 2024-07-16` on standard output.
    const said = execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const major = /^\S+ (\d+)/.exec(said)?.[1];
    return major === undefined ? null : Number(major);
  } catch {
    return null;
  }
}
