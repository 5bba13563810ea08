import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';

/** A schema as it lies in the folder. */
export interface SchemaFile {
  /** Below `schemas/`, with slashes: `conversation/message_created.v1.0.avsc`. */
  path: string;
  text: string;
}

/** Every file below a folder, in the order of their paths. */
export function readSchemaFiles(folder: string): SchemaFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({
      path: file
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
      text: readFileSync(file, 'utf8'),
    }));
}
