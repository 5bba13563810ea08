#!/usr/bin/env node
/**
 * `node scripts/launch.mjs <start|test|bench|faults|build> [arguments]`: from a fresh clone to a running program.
 * Plain JavaScript without dependencies, because it runs before anything is installed, on Node.js 20 or newer.
 */
import { buildIfStale } from './launch/build.mjs';
import { installIfStale } from './launch/dependencies.mjs';
import { endWithNpm } from './launch/end-with-npm.mjs';
import { LaunchError } from './launch/launch-error.mjs';
import { findNode } from './launch/node24.mjs';
import { repository } from './launch/repository.mjs';
import { runProgram } from './launch/run-program.mjs';
import { withSetupLock } from './launch/setup-lock.mjs';
import { runTests } from './launch/tests.mjs';

const [command, ...rest] = process.argv.slice(2);
const args = rest[0] === '--' ? rest.slice(1) : rest;

const commands = {
  start: (node) => runProgram(node, ['dist/apps/heddle/main.js', ...args]),
  test: (node) => runTests(node, args),
  bench: (node) => runProgram(node, ['dist/test/bench/main.js', ...args]),
  faults: (node) => runProgram(node, ['dist/test/resilience/main.js', ...args]),
  build: () => 0,
};

try {
  const run = Object.hasOwn(commands, command ?? '') ? commands[command] : undefined;
  if (!run) throw new LaunchError(`Usage: node scripts/launch.mjs ${Object.keys(commands).join('|')} [arguments]`);
  process.chdir(repository);
  endWithNpm();
  const node = await withSetupLock(async () => {
    const found = await findNode();
    await installIfStale(found);
    await buildIfStale(found);
    return found;
  });
  process.exitCode = await run(node);
} catch (error) {
  if (!(error instanceof LaunchError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
