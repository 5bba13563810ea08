import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ClientCertificate } from './endpoint-secrets.js';

/** A signature of RSA takes the process eight times as long with each doubling: of 16,384 bits it is seconds. */
const MOST_RSA_BITS = 4096;
const KINDS: ReadonlySet<string | undefined> = new Set(['rsa', 'ec', 'ed25519']);

export const CERTIFICATE_KEYS = `ECDSA, Ed25519, or RSA of at most ${MOST_RSA_BITS.toLocaleString('en')} bits`;

/** SHA-256 of the certificate in hex; null where TLS does not take the two together, or their keys are too dear. */
export function fingerprintOf({ cert, key }: ClientCertificate): string | null {
  try {
    const certificate = new X509Certificate(cert);
    // Before the two are tried together, which is work with both.
    if (![createPrivateKey(key), certificate.publicKey].every(isCheap)) return null;
    createSecureContext({ cert, key });
    return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  } catch {
    return null;
  }
}

function isCheap({ asymmetricKeyType: kind, asymmetricKeyDetails: details }: KeyObject): boolean {
  return KINDS.has(kind) && (details?.modulusLength ?? 0) <= MOST_RSA_BITS;
}
