import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../libs/platform/postgres/package-root.js';
import { driftedFiles, leftovers } from './generate/drift.js';
import type { Output } from './generate/output.js';
import { BrokenSchemasError, outputsOf } from './generate/outputs.js';

/** `generate.js` writes every generated file; `generate.js --check` exits 1 and names each one that drifted. */
function main(): void {
  let outputs: Output[];
  try {
    outputs = outputsOf(packageRoot);
  } catch (error) {
    if (!(error instanceof BrokenSchemasError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
    return;
  }
  if (process.argv.includes('--check')) check(outputs);
  else write(outputs);
}

function check(outputs: Output[]): void {
  for (const path of driftedFiles(packageRoot, outputs)) {
    console.error(`${path} is not what its source makes. Run npm run build && npm run generate.`);
    process.exitCode = 1;
  }
}

function write(outputs: Output[]): void {
  for (const path of leftovers(packageRoot, outputs)) rmSync(join(packageRoot, path));
  for (const { path, text } of outputs) {
    const file = join(packageRoot, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

main();
