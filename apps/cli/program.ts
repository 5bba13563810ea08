import type { Type } from '@nestjs/common';
import { Command } from 'commander';
import { operationsOf } from '../../libs/platform/operations/handles.js';
import { domainsOf } from '../../libs/platform/runtime/domain-module.js';
import { addImport } from './import/import-command.js';
import { addBackup } from './local/backup-commands.js';
import { addLog } from './local/log-commands.js';
import { addProjection } from './local/projection-commands.js';
import { addOperation, type Surroundings } from './operation-command.js';
import { addWebhooks } from './webhooks/listen-command.js';

const AFTER_HELP = `
Environment:
  HEDDLE_URL       where Heddle is (http://127.0.0.1:4400)
  HEDDLE_API_KEY   the key to send (on this machine: that of <data dir>, the root key where only it will do)
  HEDDLE_DATA_DIR  the data directory (.heddle in the repository)
  DATABASE_URL     for projection, backup, restore and log: another Postgres than the embedded one`;

/** The whole command line: a command an operation of the module, and beside them what works on the database itself. */
export function makeProgram(module: Type, version: string, surroundings: Surroundings): Command {
  const { terminal } = surroundings;
  const program = new Command('heddle')
    .version(version, '--version')
    .helpOption('--help', 'show help')
    .helpCommand(false)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out.write(text), writeErr: (text) => terminal.err.write(text) })
    .addHelpText('after', AFTER_HELP);
  program.commandsGroup('Through the API:');
  for (const operation of operationsOf(module)) {
    // A stream of lines is not made of options: `heddle import` sends it. A WebSocket is a program's.
    if (operation.consumes !== 'application/x-ndjson' && !operation.socket)
      addOperation(program, operation, surroundings);
  }
  for (const group of program.commands) {
    group.summary(group.commands.map((command) => command.name()).join(', '));
  }
  addImport(program, surroundings);
  program.commandsGroup('For whoever writes a receiver of webhooks:');
  addWebhooks(program, surroundings);
  program.commandsGroup('On this machine, with or without a running Heddle:');
  const domains = domainsOf(module);
  addProjection(program, domains, surroundings);
  addBackup(program, domains, surroundings);
  addLog(program, domains, surroundings);
  return program;
}
