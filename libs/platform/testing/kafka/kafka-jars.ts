import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Java } from './java.js';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** Whether Maven is there to bring the jars. */
export function hasMaven(): boolean {
  try {
    execFileSync('mvn', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * The folder of Kafka's jars, in the user's cache; brought by Maven the first time (44 MB). Its name carries what the
 * pom says, so that another version is another folder. Throws with Maven's own words where it cannot bring them.
 */
export function kafkaJars(pom: string, java: Java): string {
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heddle');
  const folder = join(cache, `kafka-${hash}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const coming = `${folder}.${process.pid}`;
  try {
    execFileSync('mvn', ['--quiet', '--batch-mode', '--file', pom, COPY, `-DoutputDirectory=${coming}`], {
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
