import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BackupError } from './backup-error.js';
import { flushNames } from './part-file.js';

const FORMAT = 'heddle-backup';
const VERSION = 1;
const FILE = 'manifest.json';

const part = z.object({
  /** With its schema: `log.events`. */
  table: z.string().regex(/^(log|registry)\.[a-z0-9_]+$/),
  /** In the backup's folder: the text format of COPY (UTF-8, times in UTC), compressed by zstd. */
  file: z.string().regex(/^[a-z0-9_]+\.[a-z0-9_]+\.copy\.zst$/),
  columns: z.array(z.string()),
  rows: z.number(),
  bytes: z.number(),
  sha256: z.string(),
});

const manifest = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  taken_at: z.string(),
  /** The store's uuid, and the life it was in. */
  store_id: z.string(),
  epoch: z.number(),
  last_position: z.number(),
  /** The server's version, such as `18.4`; for people, a restore takes any. */
  postgres: z.string(),
  /** What had been run in `log`, `keys` and `registry`: a restore needs a program that knows them all. */
  migrations: z.array(z.string()),
  /** How many keys had been destroyed: a keys file that knows of fewer would bring people back. */
  destructions: z.number(),
  parts: z.array(part),
});

/** What a backup holds. Written last, so a folder without it is no backup. */
export type Manifest = z.infer<typeof manifest>;
export type ManifestPart = z.infer<typeof part>;

export async function writeManifest(directory: string, content: Omit<Manifest, 'format' | 'version'>): Promise<void> {
  const incoming = join(directory, `${FILE}.incoming`);
  const text = JSON.stringify({ format: FORMAT, version: VERSION, ...content }, null, 2);
  await writeFile(incoming, `${text}\n`, { mode: 0o600, flush: true });
  await rename(incoming, join(directory, FILE));
  await flushNames(join(directory, FILE));
}

export async function readManifest(directory: string): Promise<Manifest> {
  let text: string;
  try {
    text = await readFile(join(directory, FILE), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BackupError(
      `${directory} has no readable ${FILE} (${code}), so it is no complete backup: name the folder of one that finished.`,
    );
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new BackupError(`${join(directory, FILE)} is not JSON: take the backup from another copy.`);
  }
  const result = manifest.safeParse(json);
  if (result.success) return result.data;
  const { format, version } = (json ?? {}) as Record<string, unknown>;
  if (format === FORMAT && version !== VERSION) {
    throw new BackupError(
      `${directory} is a backup in format ${version}, this Heddle reads ${VERSION}: restore it with the Heddle that made it.`,
    );
  }
  throw new BackupError(`${join(directory, FILE)} is not a backup's manifest: take the backup from another copy.`);
}
