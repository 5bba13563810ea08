import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { AppModule } from '../heddle/app.module.js';
import { exitStatus } from './exit-status.js';
import { makeProgram } from './program.js';
import { endWhenClosed, processTerminal } from './terminal.js';

endWhenClosed();
const terminal = processTerminal();
const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };

try {
  await makeProgram(AppModule, version, { env: process.env, terminal }).parseAsync();
} catch (error) {
  process.exitCode = exitStatus(error, terminal);
}
