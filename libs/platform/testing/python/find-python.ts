import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A Python program with some packages, or why there is none. */
export type FoundPython = { path: string } | { missing: string };

/** What the tests and the examples import: clients of Kafka and the registry, Avro, AES, webhooks. */
const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));

/**
 * A Python whose packages are those of `requirements.txt` beside this file: a virtual environment in the user's cache,
 * made by pip the first time.
 */
export function findPython(): FoundPython {
  const hash = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heddle');
  const folder = join(cache, `python-${hash}`);
  const path = join(folder, 'bin', 'python3');
  if (existsSync(join(folder, 'complete'))) return { path };
  mkdirSync(cache, { recursive: true });
  const coming = `${folder}.${process.pid}`;
  try {
    const missing = makeEnvironment(coming);
    if (missing !== null) return { missing };
    // Another process may have made it meanwhile.
    if (!existsSync(join(folder, 'complete'))) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(coming, folder);
    }
    return { path };
  } finally {
    rmSync(coming, { recursive: true, force: true });
  }
}

/** Null when it is there; else what is missing. */
function makeEnvironment(folder: string): string | null {
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch {
    return 'want of a Python: install python3 with its module venv.';
  }
  try {
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS];
    execFileSync(join(folder, 'bin', 'python3'), install, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    return `want of what ${REQUIREMENTS} asks for, which pip cannot bring: ${said.split('\n').at(-1)}`;
  }
  mkdirSync(join(folder, 'complete'));
  return null;
}
