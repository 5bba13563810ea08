import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Java } from '../kafka/java.js';

const VERSION = '3.3.3';
const ARTIFACT = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`;
const UNPACK = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:unpack';

/**
 * The folder of Apicurio's program, in the user's cache; brought by Maven the first time (151 MiB). Throws with Maven's
 * own words where it cannot bring it.
 */
export function apicurioFiles(java: Java): string {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heddle');
  const folder = join(cache, `apicurio-${VERSION}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const coming = `${folder}.${process.pid}`;
  try {
    execFileSync('mvn', ['--quiet', '--batch-mode', UNPACK, `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${coming}`], {
      cwd: cache,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, JAVA_HOME: join(java.path, '..', '..') },
    });
    // Another run may have brought it meanwhile.
    if (!existsSync(folder)) renameSync(coming, folder);
  } finally {
    rmSync(coming, { recursive: true, force: true });
  }
  return folder;
}
