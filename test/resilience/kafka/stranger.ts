import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, FindingKind } from '../checker.js';
import type { Entry, WriteKind } from '../ledger.js';
import { REPOSITORY_ROOT } from '../repository-root.js';
import { CACHE, cachedFor } from './java-programs.js';

const REQUIREMENTS = join(REPOSITORY_ROOT, 'libs', 'platform', 'testing', 'python', 'requirements.txt');
const READ_EVENTS = join(REPOSITORY_ROOT, 'test', 'resilience', 'stranger', 'read_events.py');
const PATIENCE_MS = 300_000;

/** A Python with a client of Kafka and the registry and an Avro reader, made by pip the first time. */
export function findStranger(): { python: string } | { missing: string } {
  const folder = cachedFor('python', REQUIREMENTS);
  const python = join(folder, 'bin', 'python3');
  if (existsSync(join(folder, 'complete'))) return { python };
  const coming = `${folder}.${process.pid}`;
  mkdirSync(CACHE, { recursive: true });
  try {
    execFileSync('python3', ['-m', 'venv', '--clear', coming], { stdio: 'pipe' });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS];
    execFileSync(join(coming, 'bin', 'python3'), install, { stdio: 'pipe' });
    mkdirSync(join(coming, 'complete'));
    if (!existsSync(join(folder, 'complete'))) {
      rmSync(folder, { recursive: true, force: true });
      renameSync(coming, folder);
    }
    return { python };
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    return { missing: `the reader of Kafka needs python3 with venv and pip: ${said.split('\n').at(-1)}` };
  } finally {
    rmSync(coming, { recursive: true, force: true });
  }
}

const EVENT_OF: Record<WriteKind, string> = {
  message: 'message.created',
  close: 'conversation.closed',
  reopen: 'conversation.reopened',
  assign: 'conversation.assigned',
};

/** What was promised, as lines of the stranger's `--expected`: each must be on Kafka once. */
export function expectedEvents(entries: readonly Entry[], conversations: readonly string[]): object[] {
  const created = conversations.map((stream) => ({ type: 'conversation.created', stream, seq: 1 }));
  const written = entries.flatMap(({ kind, stream, ack }) => {
    if (ack === null || ack.seq === null) return [];
    const line = { type: EVENT_OF[kind], stream, seq: ack.seq };
    return kind === 'message' ? [{ ...line, message_id: ack.id }] : [line];
  });
  return [...created, ...written];
}

/** What its findings are in the words of the checker. */
const KIND_OF: Record<string, FindingKind> = {
  lost: 'lost',
  begins_late: 'lost',
  twice: 'twice',
  duplicates: 'twice',
  gaps: 'hole',
  disorder: 'swapped',
  moved: 'swapped',
  position_disorder: 'swapped',
  mismatches: 'altered',
  undecodable: 'altered',
};

export type StrangersReport = Record<string, unknown> & { sound: boolean; events: number };

export function findingsOf(report: StrangersReport): Finding[] {
  const found = Object.entries(KIND_OF).flatMap(([name, kind]) => {
    const list = report[name];
    if (!Array.isArray(list)) throw new Error(`the reader of Kafka says nothing of "${name}"`);
    return list.map((one) => ({ kind, what: `on Kafka, ${name}: ${JSON.stringify(one)}` }));
  });
  if (report.sound !== (found.length === 0)) {
    throw new Error(
      `the reader of Kafka says that the log is ${report.sound ? '' : 'not '}whole, and does not say why`,
    );
  }
  return found;
}

export interface StrangersTask {
  python: string;
  brokers: string;
  registry: string;
  /** Of the registry; null where it wants none. */
  key: string | null;
  expected: readonly object[];
  /** For the file of what is expected. */
  folder: string;
}

/** Has the stranger read all topics to their ends. Rejects where it could not. */
export async function askStranger(task: StrangersTask): Promise<StrangersReport> {
  const file = join(task.folder, 'expected.ndjson');
  writeFileSync(file, task.expected.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const args = [READ_EVENTS, '--brokers', task.brokers, '--registry', task.registry, '--expected', file];
  const env = { ...process.env, ...(task.key === null ? {} : { REGISTRY_KEY: task.key }) };
  return new Promise((resolve, reject) => {
    execFile(task.python, args, { env, timeout: PATIENCE_MS, maxBuffer: 2 ** 28 }, (_error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`the reader of Kafka could not read: ${stderr.trim().slice(-400)}`));
      else resolve(JSON.parse(stdout) as StrangersReport);
    });
  });
}
