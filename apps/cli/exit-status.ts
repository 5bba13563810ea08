import { CommanderError } from 'commander';
import { UsageError } from '../../libs/platform/operations/command-line.js';
import { StartupError } from '../../libs/platform/settings/startup-error.js';
import { Failure } from './failure.js';
import type { Terminal } from './terminal.js';

/**
 * Says what went wrong on standard error, never with a stack, and returns the exit status: 2 for a command that was
 * not called as its help says, 1 for one that could not be done, 0 for help.
 */
export function exitStatus(error: unknown, { err }: Terminal): number {
  // Commander has written its own message, or the help, already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Failure || error instanceof StartupError) err.write(`${message}\n`);
  else if (error instanceof UsageError) {
    err.write(`error: ${message}\n(--help shows what there is)\n`);
    return 2;
  } else err.write(`heddle: ${message.split('\n')[0] || (error as { code?: string }).code || 'failed'}\n`);
  return 1;
}
