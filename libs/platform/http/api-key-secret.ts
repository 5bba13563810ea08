import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const PREFIX = 'hdl_';
const BODY = 43;
const CHECK = 8;

/**
 * A new secret: `hdl_`, 256 random bits in base64url, and their CRC-32 in hex, by which scanners for leaked secrets
 * know it, and by which a mistyped one is refused without a look-up.
 */
export function newSecret(): { secret: string; hash: Buffer } {
  const body = randomBytes(32).toString('base64url');
  const secret = PREFIX + body + checkOf(body);
  return { secret, hash: Buffer.from(hashOf(secret), 'hex') };
}

/** SHA-256 in hex: a secret of 256 random bits needs no slow hash. */
export function hashOf(secret: string): string {
  return hash('sha256', secret, 'hex');
}

export function isWellFormedSecret(secret: string): boolean {
  if (secret.length !== PREFIX.length + BODY + CHECK || !secret.startsWith(PREFIX)) return false;
  const body = secret.slice(PREFIX.length, PREFIX.length + BODY);
  return secret.slice(PREFIX.length + BODY) === checkOf(body);
}

function checkOf(body: string): string {
  return crc32(body).toString(16).padStart(CHECK, '0');
}
