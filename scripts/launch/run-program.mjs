import { spawn } from 'node:child_process';
import { children, isEnding } from './children.mjs';
import { environmentOf } from './node24.mjs';

/**
 * Runs a program under the given Node.js on our terminal; resolves to the exit status to end with. The channel is how
 * the program learns of our death, whatever killed us. A program that a signal ended has the status 1, and a line says so.
 */
export function runProgram(node, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, {
      env: { ...environmentOf(node), ...env },
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    children.add(child);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      children.delete(child);
      if (signal && !isEnding()) console.error(`${args[0]} was ended by ${signal}: run the same command again.`);
      resolve(code ?? 1);
    });
  });
}
