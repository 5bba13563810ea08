import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { LaunchError } from './launch-error.mjs';
import { environmentOf } from './node24.mjs';
import { repository } from './repository.mjs';
import { runQuietly } from './run-quietly.mjs';

const SOURCES = ['apps', 'libs', 'scripts', 'test/bench', 'test/journeys', 'test/resilience'];
/** Files that a program reads beside its module, such as a migration: the compiler does not carry them. */
const CARRIED = /\.(sql|json|lua|html|css|svg)$/;
const CONFIGURATION = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];

const dist = join(repository, 'dist');
const stamp = join(dist, '.built');

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesUnder(path));
    else found.push(path);
  }
  return found;
}

/** A hash of the content of everything that the build reads; 500 files take about 20 ms. */
function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash.update(relative(repository, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

function compiler() {
  for (const name of ['tsc7', 'typescript']) {
    const script = join(repository, 'node_modules', name, 'bin', 'tsc');
    if (existsSync(script)) return script;
  }
  throw new LaunchError(
    'The TypeScript compiler is not in node_modules: delete node_modules and run the command again.',
  );
}

/** Compiles into dist/ when dist/ was not built from these very sources; what no source makes any more is deleted. */
export async function buildIfStale(node) {
  const sources = SOURCES.flatMap((folder) => filesUnder(join(repository, folder)))
    .filter((file) => (file.endsWith('.ts') && !file.endsWith('.spec.ts')) || CARRIED.test(file))
    .sort();
  const wanted = hashOf([...CONFIGURATION.map((file) => join(repository, file)), ...sources]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('Building …');
  rmSync(stamp, { force: true });
  const output = await runQuietly(
    node,
    [compiler(), '-p', join(repository, 'tsconfig.build.json'), '--listEmittedFiles', '--pretty', 'false'],
    'The build failed: the lines above name the files.',
    environmentOf(node),
  );
  const made = new Set();
  for (const line of output.split('\n')) {
    if (line.startsWith('TSFILE: ')) made.add(resolve(repository, line.slice('TSFILE: '.length).trim()));
  }
  for (const file of sources.filter((source) => CARRIED.test(source))) {
    const copy = join(dist, relative(repository, file));
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(file, copy);
    made.add(copy);
  }
  for (const file of filesUnder(dist)) if (!made.has(file)) rmSync(file);
  writeFileSync(stamp, wanted);
}
