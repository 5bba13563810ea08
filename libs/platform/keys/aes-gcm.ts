import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { writeNonce } from './nonce.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OPTIONS = { authTagLength: TAG_BYTES };

/**
 * AES-256-GCM (NIST SP 800-38D) with a random nonce: nonce (12 bytes), ciphertext, tag (16 bytes) in one buffer. A key
 * may seal 2^32 values before two nonces could meet; no person comes near.
 */
export function seal(key: KeyObject, plain: string | Buffer, additional: Buffer): Buffer {
  const length = typeof plain === 'string' ? Buffer.byteLength(plain) : plain.length;
  const sealed = Buffer.allocUnsafe(NONCE_BYTES + length + TAG_BYTES);
  writeNonce(sealed);
  const cipher = createCipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), OPTIONS);
  cipher.setAAD(additional);
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  cipher.final();
  body.copy(sealed, NONCE_BYTES);
  cipher.getAuthTag().copy(sealed, NONCE_BYTES + length);
  return sealed;
}

/** The plain bytes, or null when the key, the additional data or any bit of the sealed bytes is not the one. */
export function unseal(key: KeyObject, sealed: Buffer, additional: Buffer): Buffer | null {
  const end = sealed.length - TAG_BYTES;
  if (end < NONCE_BYTES) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), OPTIONS);
  decipher.setAAD(additional);
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, end));
  try {
    decipher.final();
  } catch {
    return null;
  }
  return plain;
}
