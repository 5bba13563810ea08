import { type ChildProcess, spawn } from 'node:child_process';
import { jest } from '@jest/globals';
import { lockName, withSetupLock } from './setup-lock.mjs';

const NOBODY = 65_534;

/** A process that listens on the lock's name of `clone`; resolves when it does. */
function spawnHolder(clone: string): Promise<ChildProcess> {
  const program = `require('net').createServer().listen('\\0${lockName(clone)}', () => console.log('held'))`;
  const child = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {},
  });
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`the holder ended with ${code}`)));
  });
}

(process.platform === 'linux' ? describe : describe.skip)('the set-up lock', () => {
  let clone: string;
  let said: string[];
  let holder: ChildProcess | undefined;
  beforeEach(() => {
    clone = `/clone/${process.pid}/${Math.random()}`;
    said = [];
    jest.spyOn(console, 'error').mockImplementation((line) => void said.push(String(line)));
  });
  afterEach(() => {
    jest.restoreAllMocks();
    holder?.kill('SIGKILL');
    holder = undefined;
  });

  test('lets one work after the other, in any number', async () => {
    let inside = 0;
    const work = async () => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withSetupLock(work, { clone })));
  });

  test('names a holder that it waits for, and takes over when that one is killed', async () => {
    holder = await spawnHolder(clone);
    const { pid } = holder;
    jest.spyOn(console, 'error').mockImplementation((line) => {
      // Once it was named, however long that takes.
      if (said.push(String(line)) === 2) holder!.kill('SIGKILL');
    });
    expect(await withSetupLock(() => 'done', { clone, tellAfterMs: 200 })).toBe('done');
    expect(said).toEqual([
      'Waiting for another set-up of this clone …',
      expect.stringContaining(`process ${pid} still`),
    ]);
  });

  test('does not wait without end', async () => {
    holder = await spawnHolder(clone);
    const waiting = withSetupLock(() => 'done', { clone, tellAfterMs: 100, giveUpAfterMs: 300 });
    await expect(waiting).rejects.toThrow(`end the process ${holder.pid}`);
  });

  // Only root can be two users. As root every process is seen, so the one that waits is the other user.
  (process.getuid!() === 0 ? test : test.skip)('does not wait for a process of another user', async () => {
    holder = await spawnHolder(clone);
    process.seteuid!(NOBODY);
    try {
      const waiting = withSetupLock(() => 'done', { clone, tellAfterMs: 100 });
      await expect(waiting).rejects.toThrow(/^A process of another user holds the set-up lock/);
    } finally {
      process.seteuid!(0);
    }
  });
});
