import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '../repository-root.js';

const JAVA = 17;
const POM = join(REPOSITORY_ROOT, 'libs', 'platform', 'testing', 'kafka', 'pom.xml');
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const JVMS = '/usr/lib/jvm';

/** The user's cache for what is brought once. */
export const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'heddle');

/** A folder of the cache that is named by a file's content, so that another version is another folder. */
export function cachedFor(name: string, file: string): string {
  return join(CACHE, `${name}-${createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12)}`);
}

/** What starts a Kafka: a `java` program and the folder of the jars. */
export interface KafkaProgram {
  java: string;
  jars: string;
}

/** Brings the jars by Maven the first time (44 MB); or says what is missing. */
export function findKafkaProgram(): KafkaProgram | { missing: string } {
  const java = findJava();
  if (java === null) return { missing: `Kafka needs Java ${JAVA} or newer` };
  const jars = cachedFor('kafka', POM);
  if (existsSync(jars)) return { java, jars };
  const coming = `${jars}.${process.pid}`;
  mkdirSync(CACHE, { recursive: true });
  try {
    execFileSync('mvn', ['--quiet', '--batch-mode', '--file', POM, COPY, `-DoutputDirectory=${coming}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, JAVA_HOME: join(java, '..', '..') },
    });
    if (!existsSync(jars)) renameSync(coming, jars);
    return { java, jars };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { missing: 'Kafka needs Maven to bring its jars' };
    throw error;
  } finally {
    rmSync(coming, { recursive: true, force: true });
  }
}

/** From JAVA_HOME, PATH, then the system's folder of JVMs. */
function findJava(): string | null {
  const { JAVA_HOME, PATH = '' } = process.env;
  const installed = existsSync(JVMS) ? readdirSync(JVMS).sort() : [];
  const places = [
    ...(JAVA_HOME ? [join(JAVA_HOME, 'bin')] : []),
    ...PATH.split(':').filter((folder) => folder !== ''),
    ...installed.map((name) => join(JVMS, name, 'bin')),
  ];
  return places.map((place) => join(place, 'java')).find(isNewEnough) ?? null;
}

function isNewEnough(java: string): boolean {
  if (!existsSync(java)) return false;
  try {
    const said = execFileSync(java, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Number(/^\S+ (\d+)/.exec(said)?.[1]) >= JAVA;
  } catch {
    return false;
  }
}
