import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RUNNER = fileURLToPath(new URL('run-source.mjs', import.meta.url));

/** Runs a file of TypeScript under libs/ as it is, in a process of its own, which finds `said` in argv[3], as JSON. */
export function spawnSource(file: string, said: object, stdio: StdioOptions): ChildProcess {
  const flags = ['--experimental-transform-types', '--no-warnings'];
  return spawn(process.execPath, [...flags, RUNNER, file, JSON.stringify(said)], {
    stdio,
    env: { ...process.env, NODE_OPTIONS: '' },
  });
}
