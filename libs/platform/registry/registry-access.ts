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
 * Throws 403 unless the key may do this. The schemas are the installation's: one workspace must not change what the
 * others' events are read with, nor keep the process busy with schemas of its own making (1 MiB takes it two seconds).
 * So whatever writes, and whatever compiles a schema that is sent, takes the root key; to read, a scope will do.
 */
export function permitRegistry({ workspace, scopes }: Identity, access: 'read' | 'root'): void {
  if (workspace === null) return;
  if (access === 'root')
    throw new RegistryError(403, 'This needs the root key: schemas are of the whole installation.');
  if (grants(scopes, 'events:read') || grants(scopes, 'admin:read')) return;
  throw new RegistryError(403, 'This needs the root key, or a key with the scope events:read or admin:read.');
}
