import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from './launch-error.mjs';
import { environmentOf, npmUnder } from './node24.mjs';
import { repository } from './repository.mjs';
import { runQuietly } from './run-quietly.mjs';

const modules = join(repository, 'node_modules');
const stamp = join(modules, '.heddle-installed');

/** What has to be installed, as one line: the lock file's hash and the platform whose binaries were chosen. */
function wanted() {
  const hash = createHash('sha256')
    .update(readFileSync(join(repository, 'package-lock.json')))
    .digest('hex');
  return `${hash} ${process.platform}-${process.arch}\n`;
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * The packages of the lock file that npm's own record of node_modules lacks or has otherwise: names of at most three.
 * An optional package counts where the lock file says that it is for this platform.
 */
export function missingPackages(lock, installed, { platform, arch } = process) {
  const missing = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '' || entry.link) continue;
    const forThisPlatform = entry.os?.includes(platform) && entry.cpu?.includes(arch) && !entry.libc;
    if ((entry.optional || entry.peer) && !forThisPlatform) continue;
    if (installed.packages?.[path]?.version !== entry.version) missing.push(path.replace(/^.*node_modules\//, ''));
    if (missing.length === 3) break;
  }
  return missing;
}

function missingHere(lock) {
  const record = read(join(modules, '.package-lock.json'));
  return missingPackages(lock, record ? JSON.parse(record) : {});
}

/** `npx heddle` finds a root package's own command only through this link; without it npm makes a copy in its cache. */
function linkCommand() {
  const link = join(modules, '.bin', 'heddle');
  if (process.platform === 'win32' || existsSync(link)) return;
  mkdirSync(join(modules, '.bin'), { recursive: true });
  rmSync(link, { force: true });
  chmodSync(join(repository, 'bin', 'heddle.mjs'), 0o755);
  symlinkSync('../../bin/heddle.mjs', link);
}

/** Whether the lock file was made for these dependencies. */
export function isLockFor(manifest, lock) {
  const root = lock.packages[''];
  return ['dependencies', 'devDependencies', 'optionalDependencies'].every((kind) => {
    const wants = Object.entries(manifest[kind] ?? {});
    const has = root[kind] ?? {};
    return wants.length === Object.keys(has).length && wants.every(([name, range]) => has[name] === range);
  });
}

/**
 * Makes node_modules what package-lock.json says, under the given Node.js, when it is not so already. It is made from
 * nothing, since a killed installation leaves packages that only look whole. Not `npm ci`: that one refuses a lock file
 * that lacks the binaries of some other platform, which is what npm writes when a registry does not serve them all.
 * Install scripts stay off: nothing here needs one, and a machine that forbids them behaves the same.
 */
export async function installIfStale(node) {
  if (read(stamp) !== wanted()) {
    const lock = JSON.parse(read(join(repository, 'package-lock.json')));
    if (!isLockFor(JSON.parse(read(join(repository, 'package.json'))), lock)) {
      throw new LaunchError(
        'package-lock.json does not fit package.json: run npm install, then the same command again.',
      );
    }
    if (missingHere(lock).length > 0) await install(node, lock);
    writeFileSync(stamp, wanted());
  }
  linkCommand();
}

async function install(node, lock) {
  console.error('Installing dependencies …');
  rmSync(modules, { recursive: true, force: true });
  const [npm, ...first] = npmUnder(node);
  await runQuietly(
    npm,
    [
      ...[...first, 'install', '--no-save', '--package-lock', '--include=dev', '--include=optional'],
      ...['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    ],
    'The dependencies could not be installed: check that the npm registry is reachable (npm ping), then run the same command again.',
    environmentOf(node),
  );
  const missing = missingHere(lock);
  if (missing.length > 0) {
    throw new LaunchError(`npm left out ${missing.join(', ')}: delete node_modules and run the same command again.`);
  }
}
