import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder with `package.json` and `node_modules`, whether this runs from the source tree or from `dist`. */
export const REPOSITORY_ROOT = find(import.meta.dirname);

function find(folder: string): string {
  if (existsSync(join(folder, 'package-lock.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error(`no package-lock.json above ${import.meta.dirname}`);
  return find(parent);
}
