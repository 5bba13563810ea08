import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '../repository-root.js';
import type { Installation } from './installation.js';

const PATIENCE_MS = 120_000;

/** What `heddle …` prints for an installation; rejects on any exit status but 0. */
export function heddle(on: Installation, ...args: string[]): Promise<string> {
  const env = { ...process.env, DATABASE_URL: on.databaseUrl, KAFKA_BROKERS: on.kafka.address };
  const command = [join(REPOSITORY_ROOT, 'bin', 'heddle.mjs'), ...args];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, command, { env, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`heddle ${args.join(' ')} ended with ${error.code}: ${stdout}${stderr}`));
    });
  });
}
