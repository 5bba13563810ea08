import { randomFillSync } from 'node:crypto';

const NONCE_BYTES = 12;
const pool = Buffer.allocUnsafe(NONCE_BYTES * 1024);
let next = pool.length;

/** Writes 12 fresh random bytes at the start of a buffer; one call to the system's generator serves 1,024 of them. */
export function writeNonce(into: Buffer): void {
  if (next === pool.length) {
    randomFillSync(pool);
    next = 0;
  }
  pool.copy(into, 0, next, next + NONCE_BYTES);
  next += NONCE_BYTES;
}
