import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A program that Go has made of a folder with a module, or why there is none. */
export type FoundGoProgram = { path: string } | { missing: string };

/** Built in the user's cache; Go itself knows what it need not do again. Its modules come from where the machine's Go has them. */
export function findGoProgram(name: string, folder: string): FoundGoProgram {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heddle', 'go');
  const path = join(cache, name);
  const coming = `${path}.${process.pid}`;
  mkdirSync(cache, { recursive: true });
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
  } catch {
    return { missing: 'want of a Go: install go, 1.22 or newer.' };
  }
  try {
    execFileSync('go', ['build', '-o', coming, '.'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    return { missing: `want of what ${folder} asks for, which Go cannot bring: ${said.split('\n').at(-1)}` };
  }
  renameSync(coming, path);
  return { path };
}
