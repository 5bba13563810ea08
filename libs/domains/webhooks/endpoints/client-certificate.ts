import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ClientCertificate } from './endpoint-secrets.js';

/** SHA-256 of the certificate in hex; null where TLS does not take the two together. */
export function fingerprintOf({ cert, key }: ClientCertificate): string | null {
  try {
    createSecureContext({ cert, key });
    return new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
  } catch {
    return null;
  }
}
