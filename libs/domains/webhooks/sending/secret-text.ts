import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

// Standard Webhooks 1.0: base64 behind a prefix that says what it is.
const SECRET = 'whsec_';
const PRIVATE_KEY = 'whsk_';
const PUBLIC_KEY = 'whpk_';
const NEW_BYTES = 32;
/** What the specification asks of a secret, in bytes. */
const LEAST_BYTES = 24;
const MOST_BYTES = 64;
const ED25519_BYTES = 32;

export function newSecret(): string {
  return SECRET + randomBytes(NEW_BYTES).toString('base64');
}

/** The key that a secret stands for; null where the text is no secret by the specification. */
export function secretKey(text: string): KeyObject | null {
  const bytes = bytesBehind(SECRET, text);
  return bytes !== null && bytes.length >= LEAST_BYTES && bytes.length <= MOST_BYTES ? createSecretKey(bytes) : null;
}

/** What receivers verify `v1a` with. Takes the private key or the public one. */
export function publicKeyText(key: KeyObject): string {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return PUBLIC_KEY + Buffer.from(x!, 'base64url').toString('base64');
}

/** Seed and public key, 64 bytes, as libsodium and Go have it. */
export function privateKeyText(key: KeyObject): string {
  const { d, x } = key.export({ format: 'jwk' });
  return PRIVATE_KEY + Buffer.concat([Buffer.from(d!, 'base64url'), Buffer.from(x!, 'base64url')]).toString('base64');
}

/** Null where the text is no private key; takes the seed alone, too. */
export function privateKey(text: string): KeyObject | null {
  const bytes = bytesBehind(PRIVATE_KEY, text);
  if (bytes === null || (bytes.length !== ED25519_BYTES && bytes.length !== 2 * ED25519_BYTES)) return null;
  // PKCS#8 of an ed25519 key is these 16 bytes and the seed (RFC 8410, section 7).
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), bytes.subarray(0, ED25519_BYTES)]),
    format: 'der',
    type: 'pkcs8',
  });
  return bytes.length === ED25519_BYTES || privateKeyText(key) === text ? key : null;
}

function bytesBehind(prefix: string, text: string): Buffer | null {
  if (!text.startsWith(prefix)) return null;
  const bytes = Buffer.from(text.slice(prefix.length), 'base64');
  return bytes.toString('base64') === text.slice(prefix.length) ? bytes : null;
}
