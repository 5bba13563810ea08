import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Java } from './java.js';

const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

export function hasMaven(): boolean {
  try {
    execFileSync('mvn', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * A folder of this name in the user's cache, filled the first time by a goal of Maven's dependency plugin, which takes
 * these arguments. Throws with Maven's own words where it cannot bring the files.
 */
export function filesByMaven(name: string, goal: string, args: readonly string[], java: Java): string {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heddle');
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const coming = `${folder}.${process.pid}`;
  try {
    execFileSync('mvn', ['--quiet', '--batch-mode', `${PLUGIN}:${goal}`, ...args, `-DoutputDirectory=${coming}`], {
      cwd: cache,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, JAVA_HOME: join(java.path, '..', '..') },
    });
    // Another run may have brought them meanwhile.
    if (!existsSync(folder)) renameSync(coming, folder);
  } finally {
    rmSync(coming, { recursive: true, force: true });
  }
  return folder;
}
