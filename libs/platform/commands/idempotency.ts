import { hash } from 'node:crypto';

/** 128 bits in hex: a key of any length becomes one uuid, and a name in it is not kept. */
function digest(parts: readonly string[]): string {
  return hash('sha256', parts.join('\u0000'), 'hex').slice(0, 32);
}

/** Under what a request's answer is kept: the same key elsewhere is another key. */
export function idempotencyKey(workspace: string, method: string, path: string, key: string): string {
  return digest([workspace, method, path, key]);
}

/** What was asked: the validated body, so that white space and the order of fields make no difference, and If-Match. */
export function requestFingerprint(query: string, ifMatch: string, body: string): string {
  return digest([query, ifMatch, body]);
}

/**
 * The two as the store keeps them, under its secret: a fingerprint is of names and texts, and short ones could be found
 * again by trying. A prefix is enough of a MAC here, for the text is of fixed length and the digest is cut.
 */
export function keyed(
  secret: string,
  idempotency: { key: string; fingerprint: string } | null,
): { key: string; fingerprint: string } | null {
  if (idempotency === null) return null;
  return { key: digest([secret, idempotency.key]), fingerprint: digest([secret, idempotency.fingerprint]) };
}
