import { createHmac, type KeyObject, sign } from 'node:crypto';

/** Keys of one endpoint that are good now: while a rotation overlaps there are two of a kind. */
export interface SigningKeys {
  /** Secret keys, made once: a key of bytes costs 15 µs a signature, one of these 2. */
  secret: readonly KeyObject[];
  /** Private keys. */
  ed25519: readonly KeyObject[];
}

/**
 * The value of `webhook-signature` by Standard Webhooks 1.0: a `v1` for each secret and a `v1a` for each ed25519 key.
 * `timestampS` is what `webhook-timestamp` says. Signed are the bytes of `body` as they are sent.
 */
export function signatureHeader(id: string, timestampS: number, body: Buffer, keys: SigningKeys): string {
  const head = `${id}.${timestampS}.`;
  const signatures = keys.secret.map(
    (key) => `v1,${createHmac('sha256', key).update(head).update(body).digest('base64')}`,
  );
  if (keys.ed25519.length > 0) {
    const signed = Buffer.concat([Buffer.from(head), body]);
    for (const key of keys.ed25519) signatures.push(`v1a,${sign(null, signed, key).toString('base64')}`);
  }
  return signatures.join(' ');
}

/** For older receivers: HMAC-SHA256 of the raw body as hex, keyed by the secret's text as it is shown, prefix and all. */
export function bodySignature(secretText: string, body: Buffer): string {
  return createHmac('sha256', secretText).update(body).digest('hex');
}
