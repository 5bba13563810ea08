import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataDirectory, openDataDirectory } from './data-directory.js';

const FIRST = 'the-first-key-made';

const module = new URL('./data-directory.ts', `file://${import.meta.filename}`).href;

/** Opens the directory in a process of its own, whose imports are read from the sources; resolves when it holds it. */
function spawnHolder(path: string): Promise<ChildProcess> {
  const program = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => next(name.startsWith('.') ? name.replace(/\\.js$/, '.ts') : name, context) });
    const { openDataDirectory } = await import(${JSON.stringify(module)});
    await openDataDirectory(${JSON.stringify(path)});
    process.stdout.write('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`the holder ended with ${code}`)));
  });
}

async function message(opening: Promise<DataDirectory>): Promise<string> {
  const error = await opening.then(
    (directory) => directory.release().then(() => new Error('opened')),
    (reason: Error) => reason,
  );
  expect(error.name).toBe('DataDirectoryError');
  expect(error.message).not.toContain('\n');
  return error.message;
}

describe('the data directory', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'heddle-data-directory-'));
    path = join(folder, 'a', 'data');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('is made for its owner alone', async () => {
    const directory = await openDataDirectory(path);
    expect(directory.path).toBe(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    await directory.release();
  });

  test('makes a secret once, mode 0600, and leaves no other file', async () => {
    const directory = await openDataDirectory(path);
    expect(await directory.secret('root-key', () => FIRST)).toBe(FIRST);
    expect(await directory.secret('root-key', () => 'second')).toBe(FIRST);
    expect(statSync(join(path, 'root-key')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(path, 'root-key'), 'utf8')).toBe(`${FIRST}\n`);
    expect(readdirSync(path).sort()).toEqual(['holder', 'lock', 'root-key']);
    await directory.release();
    expect(readdirSync(path)).toEqual(['lock', 'root-key']);
    expect(statSync(join(path, 'lock'))).toMatchObject({ size: 0, mode: 0o100600 });
  });

  test('closes what others could read, and fills a secret that is empty', async () => {
    mkdirSync(path, { recursive: true, mode: 0o755 });
    writeFileSync(join(path, 'root-key'), `${FIRST}\n`, { mode: 0o644 });
    writeFileSync(join(path, 'empty'), '');
    const directory = await openDataDirectory(path);
    expect(await directory.secret('root-key', () => 'new')).toBe(FIRST);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(path, 'root-key')).mode & 0o777).toBe(0o600);
    expect(await directory.secret('empty', () => 'new')).toBe('new');
    await directory.release();
  });

  test('an empty one of ours is closed; one in which others may have put something is refused', async () => {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
    const directory = await openDataDirectory(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    await directory.release();
    for (const mode of [0o720, 0o702]) {
      chmodSync(path, mode);
      expect(await message(openDataDirectory(path))).toMatch(
        /data may be written by other users \(mode 07[02]{2}\): chmod 700 it/,
      );
    }
  });

  test.each(['root-key', 'default-key', 'postgres-password', 'postgres-url', 'lock'])(
    'a file %s that others may write, or that is no file, is refused',
    async (name) => {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      writeFileSync(join(path, name), `${FIRST}\n`);
      chmodSync(join(path, name), 0o620);
      expect(await message(openDataDirectory(path))).toContain(
        `${join(path, name)} may be written by other users (mode 0620): chmod 600 it`,
      );
      rmSync(join(path, name));
      mkdirSync(join(path, name));
      expect(await message(openDataDirectory(path))).toContain(`${join(path, name)} is not a file: `);
    },
  );

  // Only root can give something to another user; for an ordinary user the rule is the same line of code.
  (process.getuid!() === 0 ? test : test.skip)('what belongs to another user is refused', async () => {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const file = join(path, 'root-key');
    writeFileSync(file, `${FIRST}\n`, { mode: 0o600 });
    chownSync(file, 1234, 0);
    expect(await message(openDataDirectory(path))).toContain(`${file} belongs to the user with the id 1234, this is 0`);
    chownSync(file, 0, 0);
    chownSync(path, 1234, 0);
    expect(await message(openDataDirectory(path))).toContain(`${path} belongs to the user with the id 1234, this is 0`);
  });

  test.each(['x', 'fifteen-letters', 'one with a space in it', `${'k'.repeat(20)}\n${'k'.repeat(20)}`])(
    'a root key %j is refused as HEDDLE_ROOT_KEY would be, and not shown',
    async (text) => {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      writeFileSync(join(path, 'root-key'), text, { mode: 0o600 });
      const directory = await openDataDirectory(path);
      const said = await message(directory.secret('root-key', () => 'new') as Promise<never>);
      expect(said).toContain(
        `root-key holds a text of ${text.length} characters that cannot be a key: write at least 16`,
      );
      if (text.length > 1) expect(said).not.toContain(text.slice(0, 8));
      await directory.release();
    },
  );

  test('is held by one process: another, also by another path, is told the process and the fix', async () => {
    const holder = await spawnHolder(path);
    try {
      const link = join(folder, 'link');
      symlinkSync(path, link);
      const said = await message(openDataDirectory(link));
      expect(said).toContain(`${link} is in use by the process ${holder.pid}: `);
      expect(said).toContain('HEDDLE_DATA_DIR');
    } finally {
      holder.kill('SIGKILL');
    }
  }, 120_000);

  test('is free again when its holder is killed with -9, and a dying holder is waited for', async () => {
    const holder = await spawnHolder(path);
    setTimeout(() => holder.kill('SIGKILL'), 300);
    const directory = await openDataDirectory(path);
    expect(holder.killed).toBe(true);
    await directory.release();
    const again = await openDataDirectory(path);
    await again.release();
  }, 120_000);

  test('a file in its place is named', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    expect(await message(openDataDirectory(file))).toContain(`${file} is a file`);
    expect(await message(openDataDirectory(join(file, 'below')))).toContain('lies under one');
  });

  test('a folder that cannot be written is named with the user', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(closed, { mode: 0o555 });
    chmodSync(folder, 0o755);
    const nobody = 65_534;
    const root = process.getuid!() === 0;
    // Root may write everywhere: for the length of the call this process is somebody else.
    if (root) process.seteuid!(nobody);
    try {
      expect(await message(openDataDirectory(closed))).toMatch(
        /closed cannot be made or written by .*EACCES.*HEDDLE_DATA_DIR/,
      );
      expect(await message(openDataDirectory(join(closed, 'below')))).toContain('cannot be made or written');
    } finally {
      if (root) process.seteuid!(0);
    }
  });
});
