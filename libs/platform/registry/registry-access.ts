import { Buffer } from 'node:buffer';
import type { Identity } from '../http/authentication.js';
import { RegistryError } from './registry-error.js';

/** Confluent's clients send HTTP Basic: the key is its password, and the user's name may be anything. */
export function bearerOf(header: string | undefined): string | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return header;
  const credentials = Buffer.from(encoded, 'base64').toString('utf8');
  return `Bearer ${credentials.slice(credentials.indexOf(':') + 1)}`;
}

/** Throws 403 unless the key is the root key, or has a scope for it: admin, and for reads events:read too. */
export function permitRegistry({ workspace, scopes }: Identity, access: 'read' | 'write'): void {
  if (workspace === null || scopes.has('*') || scopes.has('admin:write')) return;
  if (access === 'read' && (scopes.has('admin:read') || scopes.has('events:read'))) return;
  const needed = access === 'read' ? 'events:read or admin:read' : 'admin:write';
  throw new RegistryError(403, `This needs the root key, or a key with the scope ${needed}.`);
}
