import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Output } from './output.js';

const OWNED_FOLDER = 'libs/contract/generated';

/** The generated files that are not as they should be: changed, missing, or there without a reason. */
export function driftedFiles(root: string, outputs: readonly Output[]): string[] {
  const drifted = outputs.filter(({ path, text }) => readOrNull(join(root, path)) !== text).map(({ path }) => path);
  return [...drifted, ...leftovers(root, outputs)];
}

/** Files in the generated folder that nothing generates any more. */
export function leftovers(root: string, outputs: readonly Output[]): string[] {
  const wanted = new Set(outputs.map(({ path }) => path));
  const folder = join(root, OWNED_FOLDER);
  try {
    return readdirSync(folder)
      .map((name) => `${OWNED_FOLDER}/${name}`)
      .filter((path) => !wanted.has(path));
  } catch {
    return [];
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
