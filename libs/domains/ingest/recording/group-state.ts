import { isOfItsKind, readHeads } from '../../../platform/commands/heads.js';
import { isSealedState } from '../../../platform/commands/sealed-state.js';
import type { EventCodec } from '../../../platform/event-codec/event-codec.js';
import { idToBytes, prefixOf, toId } from '../../../platform/kernel/id.js';
import type { DataKey } from '../../../platform/keys/data-key.js';
import type { KeyDatabase } from '../../../platform/keys/key-database.js';
import type { KeyStore } from '../../../platform/keys/key-store.js';
import { claimHash, type WorkspaceKey } from '../../../platform/keys/workspace-key.js';
import { activityStreamOf } from '../activities/activity-stream.js';
import type { EventTypes, Validator } from '../event-types/event-types.js';
import { activityKey, placeKey } from './activity-key.js';
import { type ActivityHead, type Known, nameOf } from './known.js';
import type { PendingBatch } from './pending-batch.js';

export interface GroupStatePorts {
  codec: EventCodec;
  keys: KeyStore;
  eventTypes: EventTypes;
}

/** What is known of a group's items before they are decided, by the item's place: of each batch one after the other. */
export interface GroupState {
  workspaceKeys: ReadonlyMap<string, WorkspaceKey>;
  /** The deduplication keys in hex; null for items without an id. */
  ids: (string | null)[];
  /** The events of those that were recorded before. */
  recorded: ReadonlyMap<string, string>;
  /** The hashes of the names that nobody has, by `nameOf`. */
  freeNames: ReadonlyMap<string, Buffer>;
  /** The heads of what they are about; null where nobody is known by the name or the id. May be another workspace's. */
  heads: (ActivityHead | null)[];
  /** By whose they are; what is not there has none. */
  dataKeys: ReadonlyMap<string, DataKey>;
  /** Of the registered types among the items', by `nameOfType`. */
  validators: ReadonlyMap<string, Validator>;
}

/**
 * Reads what a group is decided on: a query each for the ids, the names, the streams and the keys of all its batches that are
 * not in memory, and none where all is. `db` is any session that sees all workspaces.
 */
export async function readGroup(
  batches: readonly PendingBatch[],
  known: Known,
  db: KeyDatabase,
  ports: GroupStatePorts,
): Promise<GroupState> {
  const workspaceKeys = await workspaceKeysOf(batches, db, ports.keys);
  const ids = idsOf(batches, workspaceKeys);
  const [recorded, named, validators] = await Promise.all([
    readIds(ids, known, db),
    readNames(batches, workspaceKeys, known, db),
    ports.eventTypes.checkAll(db, typesOf(batches)),
  ]);
  const subjects: (string | null)[] = [];
  const wanted = new Map<string, { workspace: string; hasName: boolean }>();
  for (const { workspace, items } of batches) {
    for (const { subject } of items) {
      const isNamed = 'externalId' in subject;
      const id = isNamed ? (named.subjects.get(nameOf(workspace, subject)) ?? null) : subject.id;
      subjects.push(id);
      const hasName = isNamed && id !== null && named.stored.has(id);
      if (id !== null && wanted.get(id)?.hasName !== true) wanted.set(id, { workspace, hasName });
    }
  }
  const bySubject = await readSubjects(wanted, known, db, ports.codec);
  const lost = [...named.subjects].filter(([, id]) => !bySubject.has(id));
  if (lost.length > 0) {
    // The group that was to make these customers has failed since: their names are free again, or another's.
    for (const [name] of lost) known.names.delete(name);
    return readGroup(batches, known, db, ports);
  }
  const owners = [...bySubject.values()].map((head) => ({ workspace: head.workspace, subject: ownerOf(head) }));
  const loaded = await ports.keys.loadForSubjects(db, owners);
  const dataKeys = new Map<string, DataKey>();
  loaded.forEach((key, i) => {
    if (key !== null) dataKeys.set(owners[i]!.subject, key);
  });
  const heads = subjects.map((id) => (id === null ? null : (bySubject.get(id) ?? null)));
  return { workspaceKeys, ids, recorded, freeNames: named.free, heads, dataKeys, validators };
}

export async function workspaceKeysOf(
  batches: readonly PendingBatch[],
  db: KeyDatabase,
  keys: KeyStore,
): Promise<ReadonlyMap<string, WorkspaceKey>> {
  const found = new Map<string, WorkspaceKey>();
  for (const { workspace } of batches) {
    if (!found.has(workspace)) found.set(workspace, await keys.workspaceKey(db, workspace));
  }
  return found;
}

function typesOf(batches: readonly PendingBatch[]): { workspace: string; type: string }[] {
  return batches.flatMap(({ workspace, items }) =>
    [...new Set(items.map(({ type }) => type))].map((type) => ({ workspace, type })),
  );
}

/** Whose key seals a stream of activities. */
export function ownerOf({ customer, stream }: ActivityHead): string {
  return customer ?? stream;
}

function idsOf(batches: readonly PendingBatch[], keys: ReadonlyMap<string, WorkspaceKey>): (string | null)[] {
  return batches.flatMap(({ workspace, items }) =>
    items.map(({ id, source, once }) => {
      const key = keys.get(workspace)!;
      if (id !== undefined) return activityKey(key, source, id);
      return once === undefined ? null : placeKey(key, once);
    }),
  );
}

async function readIds(
  ids: readonly (string | null)[],
  known: Known,
  db: KeyDatabase,
): Promise<ReadonlyMap<string, string>> {
  const wanted = ids.filter((id) => id !== null && !known.ids.has(id));
  const found = new Map<string, string>();
  if (wanted.length === 0) return found;
  const { rows } = await db.query({
    name: 'activity_ids',
    text: 'select key, event from ingest.activity_ids where key = any ($1::uuid[])',
    values: [wanted],
  });
  for (const { key, event } of rows as { key: string; event: string }[]) {
    found.set(key.replaceAll('-', ''), toId('evt', event));
  }
  return found;
}

async function readNames(
  batches: readonly PendingBatch[],
  keys: ReadonlyMap<string, WorkspaceKey>,
  known: Known,
  db: KeyDatabase,
): Promise<{ subjects: ReadonlyMap<string, string>; stored: ReadonlySet<string>; free: Map<string, Buffer> }> {
  const subjects = new Map<string, string>();
  /** The subjects whose names are in the store; of the others a group that is under way may still fail. */
  const stored = new Set<string>();
  const missing = new Map<string, { type: 'customer' | 'tenant'; hash: Buffer }>();
  for (const { workspace, items } of batches) {
    for (const { subject } of items) {
      if (!('externalId' in subject)) continue;
      const name = nameOf(workspace, subject);
      if (subjects.has(name) || missing.has(name)) continue;
      const id = known.names.get(name);
      if (id !== undefined) subjects.set(name, id);
      else {
        const hash = claimHash(keys.get(workspace)!, subject.type, '', subject.externalId);
        missing.set(name, { type: subject.type, hash });
      }
    }
  }
  const free = new Map<string, Buffer>();
  if (missing.size === 0) return { subjects, stored, free };
  const { rows } = await db.query({
    name: 'claims',
    text: 'select claim, stream from log.claims where claim = any ($1::uuid[])',
    values: [[...missing.values()].map(({ hash }) => hash.toString('hex'))],
  });
  const owners = new Map(
    (rows as { claim: string; stream: string }[]).map(({ claim, stream }) => [claim.replaceAll('-', ''), stream]),
  );
  for (const [name, { type, hash }] of missing) {
    const owner = owners.get(hash.toString('hex'));
    if (owner === undefined) free.set(name, hash);
    else {
      const id = toId(type === 'customer' ? 'cus' : 'ten', owner);
      subjects.set(name, id);
      stored.add(id);
      // Whoever has an external id keeps it.
      known.names.set(name, id);
    }
  }
  return { subjects, stored, free };
}

/** The heads of the activities of these subjects; one whose stream does not exist is left out, unless it has a name in the store. */
async function readSubjects(
  wanted: ReadonlyMap<string, { workspace: string; hasName: boolean }>,
  known: Known,
  db: KeyDatabase,
  codec: EventCodec,
): Promise<Map<string, ActivityHead>> {
  const heads = new Map<string, ActivityHead>();
  const missing = new Map<string, string>();
  for (const subject of wanted.keys()) {
    const head = known.heads.get(subject);
    if (head === undefined) missing.set(subject, activityStreamOf(subject));
    else heads.set(subject, head);
  }
  if (missing.size === 0) return heads;
  const read = await readHeads(db, [...missing.keys(), ...missing.values()]);
  const found = new Map(read.filter(isOfItsKind).map((head) => [head.stream, head]));
  const conversations = [...missing.keys()].filter((id) => prefixOf(id) === 'conv' && found.has(id));
  const customers = await readCustomers(conversations, db, codec);
  for (const [subject, stream] of missing) {
    const { workspace, hasName } = wanted.get(subject)!;
    const own = found.get(stream);
    const customer =
      own === undefined || isSealedState(own.state) ? customerOf(subject, customers) : stateOf(own.state);
    // Of a customer who is not made yet there are activities alone; their uuid under another prefix leads there, too.
    const its = found.get(subject) ?? (customer === subject ? own : undefined);
    // A name was taken for a customer who is not made yet: the name is proof enough.
    if (its === undefined && !hasName) continue;
    const head: ActivityHead = {
      subject,
      workspace: its?.workspace ?? workspace,
      stream,
      uuid: idToBytes(stream),
      version: own?.version ?? 0,
      customer,
      isStale: false,
    };
    heads.set(subject, head);
    // A group that was decided meanwhile knows better.
    if (known.heads.get(subject) === undefined) known.heads.set(subject, head);
  }
  return heads;
}

function stateOf(state: object): string | null {
  return (state as { customer: string | null }).customer;
}

function customerOf(subject: string, customers: ReadonlyMap<string, string>): string | null {
  const prefix = prefixOf(subject);
  if (prefix === 'conv') return customers.get(subject)!;
  return prefix === 'cus' ? subject : null;
}

/** Whom conversations are with: their first events say it, and nothing changes it. */
async function readCustomers(
  conversations: readonly string[],
  db: KeyDatabase,
  codec: EventCodec,
): Promise<ReadonlyMap<string, string>> {
  if (conversations.length === 0) return new Map();
  const { rows } = await db.query({
    name: 'first_events',
    text: 'select schema_fingerprint, payload from log.events where stream = any ($1::uuid[]) and seq = 1',
    values: [conversations.map((id) => idToBytes(id).toString('hex'))],
  });
  return new Map(
    (rows as { schema_fingerprint: Buffer; payload: Buffer }[]).map((row) => {
      const { meta, data } = codec.decode(row.schema_fingerprint, row.payload);
      return [meta.stream, data.customer_id as string];
    }),
  );
}
