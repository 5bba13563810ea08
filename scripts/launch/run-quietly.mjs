import { spawn } from 'node:child_process';
import { children, isEnding } from './children.mjs';
import { LaunchError } from './launch-error.mjs';

const SHOWN_LINES = 20;
/** The compiler's list of what it wrote, which is no cause of a failure. */
const NOT_SHOWN = /^TSFILE: /;

/**
 * Runs a step of the set-up without showing its output; resolves to standard output. A step that fails throws a
 * LaunchError: `failure`, then the last lines of what the step said.
 */
export function runQuietly(command, args, failure, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' });
    children.add(child);
    let said = '';
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      said += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const fail = (cause) => {
      const lines = said
        .trim()
        .split('\n')
        .filter((line) => !NOT_SHOWN.test(line))
        .slice(-SHOWN_LINES)
        .join('\n');
      reject(new LaunchError([lines, `${failure} (${cause})`].filter(Boolean).join('\n')));
    };
    child.on('error', (error) => {
      children.delete(child);
      fail(error.message);
    });
    child.on('close', (code, signal) => {
      children.delete(child);
      if (code === 0) resolve(output);
      else if (isEnding()) process.exit(130);
      else fail(signal ?? `exit status ${code}`);
    });
  });
}
