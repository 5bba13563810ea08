import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';

/** What is known of a file of compressed rows. */
export interface PartDigest {
  /** The file's size. */
  bytes: number;
  /** SHA-256 of the file as it lies there, in hex. */
  sha256: string;
}

function watching(look: (chunk: Buffer) => void): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      look(chunk);
      done(null, chunk);
    },
  });
}

/**
 * Writes rows into a new file (mode 0600) as one zstd stream (RFC 8878), and onto the disk before it resolves. Bytes
 * before `start` are left for the caller. Fails when the file exists.
 */
export async function writePart(
  path: string,
  rows: Readable,
  onChunk: (uncompressed: Buffer) => void,
  start = 0,
): Promise<PartDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    rows,
    watching(onChunk),
    createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
    watching((chunk) => {
      hash.update(chunk);
      bytes += chunk.length;
    }),
    createWriteStream(path, { flags: 'wx', mode: 0o600, start, flush: true }),
  );
  return { bytes, sha256: hash.digest('hex') };
}

/** The digest of a file, from its byte `start` on. */
export async function digestOf(path: string, onChunk: (chunk: Buffer) => void, start = 0): Promise<PartDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { start }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
    onChunk(chunk);
  }
  return { bytes, sha256: hash.digest('hex') };
}

/** Sends a part's rows, uncompressed, to where they belong. */
export async function readPart(path: string, rows: Writable, onChunk: (compressed: Buffer) => void, start = 0) {
  await pipeline(createReadStream(path, { start }), watching(onChunk), createZstdDecompress(), rows);
}

async function flushFolder(folder: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(folder);
    await handle.sync();
  } catch {
    // Windows opens no folders; there the rename itself is what can be had.
  } finally {
    await handle?.close();
  }
}

/** Makes the names in a file's folder durable. */
export function flushNames(path: string): Promise<void> {
  return flushFolder(dirname(path));
}
