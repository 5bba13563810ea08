import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '../resilience/repository-root.js';
import type { ServerProcess } from '../resilience/server-process.js';

/** Starts `heddle <args>` against a server, with this key; `output` resolves to its standard output, rejects on failure. */
export function runHeddle(
  server: ServerProcess,
  key: string,
  args: string[],
  more: Readonly<Record<string, string>> = {},
): { child: ChildProcess; output: Promise<string> } {
  const child = spawn(process.execPath, [join(REPOSITORY_ROOT, 'bin', 'heddle.mjs'), ...args], {
    cwd: REPOSITORY_ROOT,
    env: {
      ...process.env,
      HEDDLE_URL: `http://127.0.0.1:${server.settings.port}`,
      HEDDLE_API_KEY: key,
      HEDDLE_ROOT_KEY: server.settings.rootKey,
      HEDDLE_DATA_DIR: server.settings.dataDir,
      DATABASE_URL: server.databaseUrl,
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err = (err + chunk.toString()).slice(-2000);
  });
  const output = new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(out);
      else reject(new Error(`heddle ${args.join(' ')} ended with ${signal ?? code}: ${err.trim()}`));
    });
  });
  return { child, output };
}

export interface Rebuilt {
  events: number;
  rows: number;
  seconds: number;
}

/** `heddle projection rebuild conversation_facts`, whose last line is JSON. */
export async function rebuildFacts(
  server: ServerProcess,
  more: Readonly<Record<string, string>> = {},
): Promise<Rebuilt> {
  const { rootKey } = server.settings;
  const { output } = runHeddle(server, rootKey, ['projection', 'rebuild', 'conversation_facts'], more);
  const line = (await output).trim().split('\n').at(-1) ?? '';
  return JSON.parse(line) as Rebuilt;
}
