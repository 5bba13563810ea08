import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A Python program with some packages, or why there is none. */
export type FoundPython = { path: string } | { missing: string };

/**
 * A Python whose packages are those of a requirements file: a virtual environment in the user's cache, made by pip the
 * first time.
 */
export function findPython(requirements: string): FoundPython {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heddle');
  const folder = join(cache, `python-${hash}`);
  const path = join(folder, 'bin', 'python3');
  if (existsSync(join(folder, 'complete'))) return { path };
  mkdirSync(cache, { recursive: true });
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', folder], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch {
    return { missing: 'no Python: install python3 with its module venv' };
  }
  try {
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements];
    execFileSync(path, install, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const said = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    return { missing: `pip cannot bring what ${requirements} asks for: ${said.split('\n').at(-1)}` };
  }
  mkdirSync(join(folder, 'complete'));
  return { path };
}
