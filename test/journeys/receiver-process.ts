import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** An example of examples/receivers, running. It prints its port first, and a line for each webhook that it takes. */
export interface ReceiverProcess {
  port: number;
  taken: readonly string[];
  stop(): Promise<void>;
}

export async function startReceiver(command: readonly string[], env: Record<string, string>): Promise<ReceiverProcess> {
  const [program, ...args] = command;
  const child = spawn(program!, args, { env: { ...process.env, NODE_OPTIONS: '', PORT: '0', ...env } });
  let complaint = '';
  child.stderr.on('data', (data) => {
    complaint += data;
  });
  const taken: string[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The receiver ended with ${code}: ${complaint}`)));
    createInterface(child.stdout).on('line', (line) => {
      const listening = /^listening on (\d+)$/.exec(line);
      if (listening === null) taken.push(line);
      else resolve(Number(listening[1]));
    });
  });
  return { port, taken, stop: () => ended(child) };
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.removeAllListeners('exit').once('exit', () => resolve());
    child.kill();
  });
}
