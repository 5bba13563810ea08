import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './repository.mjs';
import { runProgram } from './run-program.mjs';

/** Runs every Jest project, then prints `N passed, N failed, N skipped` as the last line; resolves to the exit status. */
export async function runTests(node, args) {
  const folder = mkdtempSync(join(tmpdir(), 'heddle-counts-'));
  const file = join(folder, 'counts.json');
  let counts = { passed: 0, failed: 1, skipped: 0, missing: [] };
  let status = 1;
  try {
    status = await runProgram(
      node,
      [
        join(repository, 'node_modules', 'jest', 'bin', 'jest.js'),
        // First, because Jest takes what follows one of these options for another reporter.
        ...args,
        '--reporters=default',
        `--reporters=${join(repository, 'scripts', 'launch', 'count-reporter.mjs')}`,
      ],
      {
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`,
        HEDDLE_TEST_COUNTS: file,
      },
    );
    counts = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (args.length === 0 && process.env.CI !== 'true' && process.env.HEDDLE_LONG_TESTS !== '1') {
    console.log('Suites that take minutes were left out: HEDDLE_LONG_TESTS=1 npm test has them, and so has CI.');
  }
  for (const what of counts.missing) console.log(`Tests were skipped for ${what}`);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return status === 0 && counts.failed > 0 ? 1 : status;
}
