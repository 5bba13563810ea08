import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';

const PROGRAM = join(packageRoot, 'dist', 'apps', 'cli', 'main.js');

/** Runs the command line as `npx heddle …` does: what it printed, and its exit status. */
export function heddle(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<{ status: number; out: string; err: string }> {
  const ours = /^(HEDDLE_|KAFKA_|DATABASE_URL|NODE_OPTIONS)/;
  const clean = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const env = { ...Object.fromEntries(clean), ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], { env, maxBuffer: 2 ** 26 }, (error, out, err) => {
      resolve({ status: error === null ? 0 : Number(error.code), out, err });
    });
  });
}
