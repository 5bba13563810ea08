import { toId } from '../kernel/id.js';
import type { KeyStore } from '../keys/key-store.js';
import { claimHash, type WorkspaceKey } from '../keys/workspace-key.js';
import type { Connection } from '../postgres/connection.js';
import { claimOwners } from './claim-owners.js';
import { notFound, unknownReference } from './command-problems.js';
import type { HeadCache } from './head-cache.js';
import { type Head, isOfItsKind, openHead, readHeads } from './heads.js';
import { isKeptSealed } from './kept-answer.js';
import type { AnyRequest, Pending } from './pending.js';
import { isSealedState } from './sealed-state.js';

const NOBODY: ReadonlyMap<string, string | undefined> = new Map();

/** Under whose key the names of workspaces are claimed. */
export const INSTALLATION = `wsp_${'0'.repeat(32)}`;

/**
 * Step 1 of the write shell, load the state: finds for a command its stream, the names that are taken, the stream's
 * head and the keys, and writes them into it. Owns nothing; fills the cache of heads, which it shares with the other
 * steps, and reads outside of any transaction: the append compares what was found.
 */
export class Preparation {
  constructor(
    private readonly heads: HeadCache,
    private readonly ports: { keys: KeyStore; reads: Connection },
  ) {}

  /** True where nothing has to be read: the common case of a command on a busy stream. */
  fromMemory(pending: Pending): boolean {
    const { request } = pending;
    if (typeof request.stream !== 'string' || request.claims !== undefined || typeof request.command === 'function') {
      return false;
    }
    // What its events give up is hashed under the workspace's key.
    if (isKeptSealed(request) || request.aggregate.releasesOf !== undefined) return false;
    const head = this.heads.get(request.stream);
    if (head === undefined || head.workspace !== pending.workspace || isSealedState(head.state)) return false;
    for (const reference of request.references ?? []) {
      if (this.heads.get(reference)?.workspace !== pending.workspace) return false;
    }
    const subject = request.aggregate.subjectOf(head.state, request.stream);
    if (subject !== null) {
      const dataKey = this.ports.keys.cached(this.ports.reads, pending.workspace, subject);
      if (dataKey === undefined) return false;
      pending.dataKey = dataKey;
    }
    pending.stream = request.stream;
    pending.command = request.command;
    pending.head = head;
    return true;
  }

  /** Throws `not_found` and `unknown_reference`, and `PersonErasedError` where a state can no longer be opened. */
  async load(pending: Pending): Promise<void> {
    const { request } = pending;
    const { keys, reads } = this.ports;
    pending.workspaceKey = await keys.workspaceKey(reads, request.workspace ?? INSTALLATION);
    pending.claims = [];
    pending.owners = NOBODY;
    pending.taken = new Map();
    if (typeof request.stream === 'string') pending.stream = request.stream;
    const hashes = claimHashes(request, pending.workspaceKey);
    if (hashes.length > 0) sortClaims(pending, hashes, await claimOwners(reads, hashes));
    if (request.workspace === null) pending.workspace = pending.stream;
    pending.command =
      typeof request.command === 'function'
        ? request.command({ stream: pending.stream, taken: pending.taken })
        : request.command;
    await this.loadHeads(pending);
    await this.loadKey(pending);
  }

  private async loadHeads(pending: Pending): Promise<void> {
    const { request } = pending;
    // Of its own: the cache may lose a head, to another command's conflict, while a missing one is read.
    const found = new Map<string, Head>();
    const missing: string[] = [];
    for (const id of new Set([pending.stream, ...(request.references ?? [])])) {
      const known = this.heads.get(id);
      if (known === undefined) missing.push(id);
      else found.set(id, known);
    }
    if (missing.length > 0) {
      for (const head of await readHeads(this.ports.reads, missing)) {
        if (isOfItsKind(head)) {
          this.heads.set(head);
          found.set(head.stream, head);
        } else if (head.stream === pending.stream) {
          throw notFound(pending.stream);
        }
      }
    }
    for (const reference of request.references ?? []) {
      if (found.get(reference)?.workspace !== pending.workspace) throw unknownReference(reference);
    }
    const head = found.get(pending.stream);
    if (head !== undefined && head.workspace !== pending.workspace) throw notFound(pending.stream);
    pending.head = head ?? null;
  }

  private async loadKey(pending: Pending): Promise<void> {
    const { request, head } = pending;
    const { aggregate } = request;
    pending.dataKey = null;
    let subject: string | null;
    if (head !== null) {
      subject = aggregate.subjectOf(head.state as never, pending.stream);
    } else {
      subject = aggregate.personalState ? pending.stream : (request.subject ?? null);
    }
    if (subject === null) return;
    const [dataKey] = await this.ports.keys.loadForSubjects(this.ports.reads, [
      { workspace: pending.workspace, subject },
    ]);
    pending.dataKey = dataKey ?? null;
    if (head !== null && isSealedState(head.state)) {
      pending.head = openHead(head, pending.dataKey);
      this.heads.set(pending.head);
    }
  }
}

/** The claims that the command takes, and after them those that lead to its stream. */
function claimHashes({ claims = [], stream }: AnyRequest, workspaceKey: WorkspaceKey): Buffer[] {
  const leading = typeof stream === 'string' ? [] : [stream.claim, ...(stream.or ?? [])];
  return [...claims, ...leading].map(({ kind, scope = '', value }) => claimHash(workspaceKey, kind, scope, value));
}

/** Into those that are free and those that are taken, and to the stream that is led to. */
function sortClaims(pending: Pending, hashes: readonly Buffer[], owners: readonly (string | undefined)[]): void {
  const { claims = [], stream, aggregate } = pending.request;
  const found = new Map<string, string | undefined>();
  hashes.forEach((hash, i) => {
    const owner = owners[i];
    const name = hash.toString('hex');
    if (owner === undefined && !found.has(name)) pending.claims.push(hash);
    else if (owner !== undefined && i < claims.length) pending.taken.set(i, owner);
    found.set(name, owner);
  });
  pending.owners = found;
  if (typeof stream === 'string') return;
  const owner = owners.slice(claims.length).find((one) => one !== undefined);
  pending.stream = owner === undefined ? stream.orNew : toId(aggregate.prefix, owner);
}
