/** How far a step has come. `of` is the whole, where it is known beforehand. */
export interface Progress {
  step: 'copy' | 'verify' | 'load' | 'rebuild';
  /** A table (`log.events`), `keys`, or a projection. */
  name: string;
  /** Bytes; of a part's file when it is read, uncompressed when it is written. Nothing is counted for a rebuild. */
  bytes: number;
  of: number | null;
}

export type OnProgress = (progress: Progress) => void;

const EVERY_BYTES = 1024 * 1024;

/** Reports about once a megabyte, however small the chunks are. */
export function counting(onProgress: OnProgress | undefined, step: Progress['step'], name: string, of: number | null) {
  let bytes = 0;
  let reported = 0;
  return (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes - reported < EVERY_BYTES) return;
    reported = bytes;
    onProgress?.({ step, name, bytes, of });
  };
}
