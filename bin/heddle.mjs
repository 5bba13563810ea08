#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { presentNode } from '../scripts/launch/node24.mjs';
import { repository } from '../scripts/launch/repository.mjs';

const program = join(repository, 'dist', 'apps', 'cli', 'main.js');
const node = presentNode();

if (!node || !existsSync(program) || !existsSync(join(repository, 'node_modules'))) {
  console.error(`Heddle is not installed yet: run npm start in ${repository} first.`);
  process.exitCode = 1;
} else if (node === process.execPath) {
  await import(pathToFileURL(program).href);
} else {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 1;
    if (signal) console.error(`heddle was ended by ${signal}.`);
  });
}
