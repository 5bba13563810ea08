import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders that no commit holds. */
const LOCAL = new Set(['.git', '.heddle', '.node', 'dist', 'node_modules']);

/** Every file below a folder as a path relative to it, with slashes; what is made on the machine is left out. */
export function filesBelow(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return LOCAL.has(entry.name) ? [] : filesBelow(root, path);
    return [path];
  });
}
