import { Buffer } from 'node:buffer';
import type { Identity } from '../http/authentication.js';
import { grants } from '../operations/scope.js';
import { RegistryError } from './registry-error.js';

/** Confluent's clients send HTTP Basic: the key is its password, and the user's name may be anything. */
export function bearerOf(header: string | undefined): string | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return header;
  const credentials = Buffer.from(encoded, 'base64').toString('utf8');
  return `Bearer ${credentials.slice(credentials.indexOf(':') + 1)}`;
}

/**
 * Throws 403 unless the key may do this. The schemas are the installation's, and one workspace must not change what
 * another one's events are read with: writes take the root key, reads a scope too.
 */
export function permitRegistry({ workspace, scopes }: Identity, access: 'read' | 'write'): void {
  if (workspace === null) return;
  if (access === 'write')
    throw new RegistryError(403, 'This needs the root key: schemas are of the whole installation.');
  if (grants(scopes, 'events:read') || grants(scopes, 'admin:read')) return;
  throw new RegistryError(403, 'This needs the root key, or a key with the scope events:read or admin:read.');
}
