import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const module = new URL('./process-end.ts', `file://${import.meta.filename}`).href;

/** Runs a program that calls both functions with `end`; resolves once it is up. */
async function spawnProgram(end: string, stdio: 'ipc' | 'ignore'): Promise<ChildProcess> {
  const program = `
    const { endOnSignal, endWithParent } = await import(${JSON.stringify(module)});
    const end = ${end};
    endOnSignal(end);
    console.log('with parent', endWithParent(end));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe', stdio],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const said = await new Promise<string>((resolve) => child.stdout!.once('data', (chunk) => resolve(String(chunk))));
  expect(said).toBe(`with parent ${stdio === 'ipc'}\n`);
  return child;
}

/** The exit status, what was printed meanwhile, and how long it took in ms. */
async function ended(child: ChildProcess): Promise<{ status: number | null; said: string; ms: number }> {
  const start = Date.now();
  let said = '';
  child.stdout!.on('data', (chunk) => {
    said += chunk;
  });
  // Not the event `close`: Node.js does not send it after disconnect().
  const [[status]] = await Promise.all([once(child, 'exit'), once(child.stdout!, 'end')]);
  return { status, said, ms: Date.now() - start };
}

const IN_ORDER = `async () => { console.log('ending'); await new Promise((done) => setTimeout(done, 200)); console.log('ended'); }`;
const NEVER = `() => new Promise(() => {})`;
const FAILING = `() => { throw new Error('no'); }`;

describe('the end of a process', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'is orderly at %s, however often it comes, with status 0',
    async (signal) => {
      const child = await spawnProgram(IN_ORDER, 'ignore');
      child.kill(signal);
      setTimeout(() => child.kill('SIGTERM'), 50);
      setTimeout(() => child.kill('SIGINT'), 100);
      expect(await ended(child)).toMatchObject({ status: 0, said: 'ending\nended\n' });
    },
  );

  test('has status 1 when the orderly end fails', async () => {
    const child = await spawnProgram(FAILING, 'ignore');
    child.kill('SIGTERM');
    expect((await ended(child)).status).toBe(1);
  });

  test('comes with the parent, in order', async () => {
    const child = await spawnProgram(IN_ORDER, 'ipc');
    child.disconnect();
    expect(await ended(child)).toMatchObject({ status: 1, said: 'ending\nended\n' });
  });

  test('comes with the parent soon when the orderly end does not', async () => {
    const child = await spawnProgram(NEVER, 'ipc');
    child.disconnect();
    const { status, ms } = await ended(child);
    expect(status).toBe(1);
    // It is given 1.5 s, and 10 s where a signal ends it.
    expect(ms).toBeLessThan(8_000);
  });
});
