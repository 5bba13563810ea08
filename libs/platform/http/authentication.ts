import { hash, timingSafeEqual } from 'node:crypto';
import type { Actor } from '../kernel/event.js';
import { Problem } from '../kernel/problem.js';
import type { Operation } from '../operations/operation.js';
import { grants, type Scope } from '../operations/scope.js';
import { hashOf, isWellFormedSecret } from './api-key-secret.js';
import type { KeyDirectory, KnownKey } from './key-directory.js';
import type { TicketDesk } from './ticket-desk.js';

/** Who a request is from, before what it wants is known. */
export interface Identity {
  /** Null for the root key. */
  workspace: string | null;
  actor: Actor;
  scopes: ReadonlySet<Scope | '*'>;
}

const MOST_RECENT = 1000;

const ROOT: Identity = { workspace: null, actor: { type: 'root', id: 'root' }, scopes: new Set() };

/** Tells keys apart: a workspace's by the directory, the installation's root key by its hash. */
export class Authentication {
  private readonly rootHash: Buffer;
  /** Headers that were let in, so that a busy client's is not hashed every time. */
  private readonly recent = new Map<string, { known: KnownKey; identity: Identity }>();

  constructor(
    rootKey: string,
    private readonly directory: KeyDirectory,
    private readonly tickets: TicketDesk,
  ) {
    this.rootHash = Buffer.from(hash('sha256', rootKey, 'hex'), 'hex');
  }

  /** The identity behind an Authorization header; a promise only for a key that is not known yet. */
  identify(header: string | undefined): Identity | Promise<Identity> {
    if (header === undefined) throw unauthenticated('Send a key as "Authorization: Bearer …".');
    const recent = this.recent.get(header);
    if (recent !== undefined && !recent.known.revoked) return recent.identity;
    const secret = /^bearer +(\S+) *$/i.exec(header)?.[1];
    if (secret === undefined) throw unauthenticated('The Authorization header is not "Bearer" and a key.');
    const known = this.directory.known(secret);
    if (known !== undefined) return this.identityOf(header, known);
    if (this.isRoot(secret)) return ROOT;
    if (!isWellFormedSecret(secret)) throw unauthenticated('The key is not one that Heddle gave, or is mistyped.');
    return this.directory.find(secret).then((found) => {
      if (found === undefined) throw unauthenticated('The key is not known, or was revoked.');
      return this.identityOf(header, found);
    });
  }

  /** The identity behind a ticket, which is good no more after this: that of the key which made it. */
  async takeTicket(ticket: string): Promise<Identity> {
    const holder = await this.tickets.take(hashOf(ticket));
    const known = holder === null ? undefined : await this.directory.findById(holder.key);
    if (known === undefined) {
      throw unauthenticated('The ticket was used before, is over a minute old, or was never made: make another one.');
    }
    return { workspace: known.workspace, actor: { type: 'api_key', id: known.id }, scopes: known.scopes };
  }

  private identityOf(header: string, known: KnownKey): Identity {
    const identity = { workspace: known.workspace, actor: { type: 'api_key', id: known.id }, scopes: known.scopes };
    if (this.recent.size >= MOST_RECENT) this.recent.clear();
    this.recent.set(header, { known, identity });
    return identity;
  }

  private isRoot(secret: string): boolean {
    return timingSafeEqual(Buffer.from(hash('sha256', secret, 'hex'), 'hex'), this.rootHash);
  }
}

function unauthenticated(detail: string): Problem {
  return new Problem('unauthenticated', detail);
}

/** Throws `forbidden` unless the operation is open to this identity. */
export function permit({ workspace, scopes }: Identity, operation: Operation): void {
  const { access, name } = operation;
  if (workspace === null) {
    if (access === 'workspace') {
      throw new Problem(
        'forbidden',
        `${name} needs a workspace's key; the root key makes workspaces and keys, and imports.`,
      );
    }
    return;
  }
  if (access === 'root') throw new Problem('forbidden', `${name} needs the root key.`);
  for (const scope of operation.scopes) {
    if (!grants(scopes, scope)) throw new Problem('forbidden', `${name} needs a key with the scope ${scope}.`);
  }
}
