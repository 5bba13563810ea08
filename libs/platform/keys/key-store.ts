import { createSecretKey, randomBytes } from 'node:crypto';
import { newUuid } from '../kernel/id.js';
import { type DataKey, type Keyring, placeOf } from './data-key.js';
import { DestructionWatch } from './destruction-watch.js';
import { KeyCache } from './key-cache.js';
import type { KeyDatabase } from './key-database.js';
import { BrokenKeyError, PersonErasedError, WorkspaceErasedError } from './key-errors.js';
import { claimHash, type WorkspaceKey, workspaceKeyFrom } from './workspace-key.js';
import { unwrap, wrap } from './wrapped-key.js';

/** A person in a workspace; `workspace` is `wsp_…` or its uuid, with or without dashes. */
export interface Subject {
  workspace: string;
  subject: string;
}

/** An event that a key may not open any more. */
export interface Withheld {
  stream: string;
  seq: number;
  workspace: string;
  /** The key's id, 16 bytes. */
  key: Buffer;
}

/** A row for `keys.data_keys`. */
export interface DataKeyRow {
  /** 16 bytes. */
  id: Buffer;
  /** 32 hex digits. */
  workspace: string;
  subject: string;
  /** 60 bytes. */
  wrapped: Buffer;
}

export interface MadeKey {
  dataKey: DataKey;
  row: DataKeyRow;
  /** How many destructions this process had seen when the key was made. */
  changes: number;
}

export interface KeyStoreOptions {
  /** The most data keys kept in memory, at about 600 bytes each. */
  cached?: number;
  /** How long a key destroyed by another process may still be used here, at most; ms. */
  freshFor?: number;
}

interface StoredDataKey {
  id: string;
  workspace: string;
  subject: string;
  wrapped: Buffer | null;
  withheld: string[] | null;
}

/** The places of the events that a key `d` may not open, as `placeOf` names them. */
const WITHHELD = `(select array_agg(w.stream || '/' || w.seq) from keys.withheld w where w.key = d.id) as withheld`;

/**
 * The keys of workspaces and persons, in the schema `keys`.
 *
 * Keys are cached. A destruction in this process takes effect at once. One in another process takes effect within
 * `freshFor`: every load first asks, if it has not asked for that long, which keys were destroyed since the last time
 * (one indexed look-up, whatever the cache holds), and forgets them.
 */
export class KeyStore {
  private readonly cache: KeyCache;
  private readonly workspaceKeys = new Map<string, WorkspaceKey>();
  private readonly watch: DestructionWatch;

  constructor(options: KeyStoreOptions = {}) {
    this.cache = new KeyCache(options.cached ?? 20_000);
    this.watch = new DestructionWatch(options.freshFor ?? 2000, (dataKeys, workspaces) => {
      for (const id of dataKeys) this.cache.drop(id);
      for (const workspace of workspaces) this.workspaceKeys.delete(workspace);
      // Its data keys are not indexed by workspace: this happens once in an installation's life, if ever.
      if (workspaces.length > 0) this.cache.clear();
    });
  }

  /**
   * A new key for a person who has none, and the row that must be inserted in the transaction of the first event
   * sealed with it (`insertRows`). Until that has committed the store does not know the key: call `keep` then, or let
   * it be loaded. Throws `PersonErasedError` where a tombstone is known, `WorkspaceErasedError`; a tombstone that is
   * not known yet makes the insert fail.
   */
  async make(db: KeyDatabase, workspace: string, subject: string): Promise<MadeKey> {
    const wrapping = await this.workspaceKey(db, workspace);
    return this.makeUnder(wrapping, subject);
  }

  /** `make` where the workspace's key is at hand. */
  makeUnder(workspaceKey: WorkspaceKey, subject: string): MadeKey {
    if (this.cache.of(workspaceKey.workspace, subject)?.key === null) throw new PersonErasedError(subject);
    const id = Buffer.from(newUuid(), 'hex');
    const key = randomBytes(32);
    const wrapped = wrap(workspaceKey, id, subject, key);
    const row = { id, workspace: workspaceKey.workspace, subject, wrapped };
    return { dataKey: { id, subject, key: createSecretKey(key), withheld: null }, row, changes: this.watch.changes };
  }

  /**
   * The statement that stores new keys. It fails as a whole with SQLSTATE 23505 on `data_keys_one_per_subject` when a
   * person has a key or a tombstone already: load that one, and decide again.
   */
  insertRows(rows: readonly DataKeyRow[]) {
    return {
      name: 'keys.insert',
      text: `insert into keys.data_keys (id, workspace, subject, wrapped)
             select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::bytea[])`,
      values: [
        rows.map((row) => row.id.toString('hex')),
        rows.map((row) => row.workspace),
        rows.map((row) => row.subject),
        rows.map((row) => row.wrapped),
      ],
    };
  }

  /** The statement that withholds events; what was withheld before stays so. In a transaction of its own or another's. */
  withholdRows(rows: readonly Withheld[]) {
    return {
      name: 'keys.withhold',
      text: `with turn as (update keys.destructions set latest = latest + 1 returning latest)
             insert into keys.withheld (stream, seq, workspace, key, destruction)
             select w.*, turn.latest
               from unnest($1::text[], $2::integer[], $3::uuid[], $4::uuid[]) w(stream, seq, workspace, key), turn
             on conflict do nothing`,
      values: [
        rows.map((row) => row.stream),
        rows.map((row) => row.seq),
        rows.map((row) => uuidOf(row.workspace)),
        rows.map((row) => row.key.toString('hex')),
      ],
    };
  }

  /** Once `withholdRows` has committed: this process opens none of them any more. */
  withheld(rows: readonly Withheld[]): void {
    this.watch.happened([...new Set(rows.map((row) => row.key.toString('hex')))], []);
  }

  /** The places on these streams that are withheld, as `placeOf` names them, read from the store. */
  async withheldOn(db: KeyDatabase, streams: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await db.query({
      name: 'keys.withheld_on',
      text: 'select stream, seq from keys.withheld where stream = any ($1::text[])',
      values: [streams],
    });
    return new Set(rows.map(({ stream, seq }) => placeOf(stream as string, seq as number)));
  }

  /** Caches a key whose row has been committed, so that the person's next event need not load it. */
  keep({ dataKey, row, changes }: MadeKey): void {
    // A destruction that was seen meanwhile may be this key's.
    if (changes === this.watch.changes) this.cache.put(row.workspace, dataKey);
  }

  /**
   * A person's key, if it is in memory and what other processes destroyed is known; otherwise undefined, and it must be
   * loaded.
   */
  cached(db: KeyDatabase, workspace: string, subject: string): DataKey | undefined {
    return this.watch.catchUp(db) === undefined ? this.cache.of(uuidOf(workspace), subject) : undefined;
  }

  /**
   * The keys of persons, each at the place of its subject; null for a person who has none yet. A destroyed key is
   * there with `key: null`. One query for all that are not cached, none if all are.
   */
  async loadForSubjects(db: KeyDatabase, subjects: readonly Subject[]): Promise<(DataKey | null)[]> {
    await this.watch.catchUp(db);
    const found: (DataKey | null)[] = new Array(subjects.length).fill(null);
    const missing: number[] = [];
    for (let i = 0; i < subjects.length; i++) {
      const { workspace, subject } = subjects[i]!;
      const cached = this.cache.of(uuidOf(workspace), subject);
      if (cached === undefined) missing.push(i);
      else found[i] = cached;
    }
    if (missing.length === 0) return found;
    const stored = await this.read(db, {
      name: 'keys.by_subject',
      text: `select d.id, d.workspace, d.subject, d.wrapped, ${WITHHELD} from keys.data_keys d
               join (select distinct * from unnest($1::uuid[], $2::text[])) s(workspace, subject)
                 on d.workspace = s.workspace and d.subject = s.subject`,
      values: [missing.map((i) => uuidOf(subjects[i]!.workspace)), missing.map((i) => subjects[i]!.subject)],
    });
    const byOwner = new Map(stored.map(({ workspace, dataKey }) => [workspace + dataKey.subject, dataKey]));
    for (const i of missing) {
      const { workspace, subject } = subjects[i]!;
      found[i] = byOwner.get(uuidOf(workspace) + subject) ?? null;
    }
    return found;
  }

  /** The keys behind sealed fields, by their ids in 32 hex digits. An id that no row has is left out. */
  async loadByIds(db: KeyDatabase, ids: Iterable<string>): Promise<Keyring> {
    await this.watch.catchUp(db);
    const keyring = new Map<string, DataKey>();
    const missing = new Set<string>();
    for (const id of ids) {
      const cached = this.cache.get(id);
      if (cached === undefined) missing.add(id);
      else keyring.set(id, cached);
    }
    if (missing.size === 0) return keyring;
    const stored = await this.read(db, {
      name: 'keys.by_id',
      text: `select d.id, d.workspace, d.subject, d.wrapped, ${WITHHELD} from keys.data_keys d where d.id = any ($1::uuid[])`,
      values: [[...missing]],
    });
    for (const { dataKey } of stored) keyring.set(dataKey.id.toString('hex'), dataKey);
    return keyring;
  }

  /** The workspace's key, made by whoever asks first. Throws `WorkspaceErasedError`. */
  async workspaceKey(db: KeyDatabase, workspace: string): Promise<WorkspaceKey> {
    await this.watch.catchUp(db);
    const uuid = uuidOf(workspace);
    const cached = this.workspaceKeys.get(uuid);
    if (cached !== undefined) return cached;
    await db.query({
      name: 'keys.make_workspace_key',
      text: 'insert into keys.workspace_keys (workspace, key) values ($1::uuid, $2) on conflict (workspace) do nothing',
      values: [uuid, randomBytes(32)],
    });
    const key = (await this.readWorkspaceKeys(db, [uuid])).get(uuid);
    if (key === undefined) throw new WorkspaceErasedError(workspace);
    return key;
  }

  /** The store is another one, or lives another life: its keys are others. */
  forget(): void {
    this.cache.clear();
    this.workspaceKeys.clear();
    this.watch.startAgain();
  }

  /** A secret that all processes of the store share, in hex: drawn from the key of no workspace. */
  async installationSecret(db: KeyDatabase): Promise<string> {
    const key = await this.workspaceKey(db, '0'.repeat(32));
    return claimHash(key, 'idempotency', '', '').toString('hex');
  }

  /**
   * Destroys a person's key and leaves a tombstone, also for a person who has no key yet. False when it was done
   * before. What Postgres keeps of the old row goes with the next vacuum of `keys.data_keys` and the turn-over of its
   * write-ahead log.
   */
  async destroy(db: KeyDatabase, workspace: string, subject: string): Promise<boolean> {
    const { rows } = await db.query({
      text: `with turn as (update keys.destructions set latest = latest + 1 returning latest)
             insert into keys.data_keys as d (id, workspace, subject, wrapped, destroyed_at, destruction)
               select $1::uuid, $2::uuid, $3, null, now(), turn.latest from turn
             on conflict on constraint data_keys_one_per_subject do update
               set wrapped = null, destroyed_at = excluded.destroyed_at, destruction = excluded.destruction
               where d.wrapped is not null
             returning d.id`,
      values: [newUuid(), uuidOf(workspace), subject],
    });
    const ids = rows.map((row) => uuidOf(row.id as string));
    this.watch.happened(ids, []);
    return ids.length > 0;
  }

  /**
   * Leaves tombstones under the ids of keys that nobody has any more, so that what was sealed with them reads as erased.
   * A person who has another key keeps it.
   */
  async bury(db: KeyDatabase, lost: readonly { id: string; workspace: string; subject: string }[]): Promise<void> {
    if (lost.length === 0) return;
    await db.query({
      text: `with turn as (update keys.destructions set latest = latest + 1 returning latest)
             insert into keys.data_keys (id, workspace, subject, wrapped, destroyed_at, destruction)
               select k.id, k.workspace, k.subject, null, now(), turn.latest
                 from unnest($1::uuid[], $2::uuid[], $3::text[]) k(id, workspace, subject), turn
             on conflict do nothing`,
      values: [
        lost.map(({ id }) => id),
        lost.map(({ workspace }) => uuidOf(workspace)),
        lost.map((one) => one.subject),
      ],
    });
  }

  /** Destroys a workspace's key, and with it the way to every key that it wrapped. False when it was done before. */
  async destroyWorkspace(db: KeyDatabase, workspace: string): Promise<boolean> {
    const uuid = uuidOf(workspace);
    const { rows } = await db.query({
      text: `with turn as (update keys.destructions set latest = latest + 1 returning latest)
             insert into keys.workspace_keys as w (workspace, key, destroyed_at, destruction)
               select $1::uuid, null, now(), turn.latest from turn
             on conflict (workspace) do update
               set key = null, destroyed_at = excluded.destroyed_at, destruction = excluded.destruction
               where w.key is not null
             returning w.workspace`,
      values: [uuid],
    });
    this.watch.happened([], [uuid]);
    return rows.length > 0;
  }

  private async read(db: KeyDatabase, statement: Parameters<KeyDatabase['query']>[0]) {
    const seen = this.watch.changes;
    const rows = (await db.query(statement)).rows as unknown as StoredDataKey[];
    const wanted = new Set<string>();
    for (const row of rows) if (row.wrapped !== null) wanted.add(uuidOf(row.workspace));
    const workspaceKeys = await this.readWorkspaceKeys(db, [...wanted]);
    const stored = rows.map((row) => {
      const workspace = uuidOf(row.workspace);
      return { workspace, dataKey: open(row, workspaceKeys.get(workspace)) };
    });
    // A destruction that was seen meanwhile may be of a key that was read before it: that answer is not kept.
    if (seen === this.watch.changes) for (const { workspace, dataKey } of stored) this.cache.put(workspace, dataKey);
    return stored;
  }

  /** Those of the workspaces that have a key which is not destroyed. */
  private async readWorkspaceKeys(db: KeyDatabase, workspaces: string[]): Promise<Map<string, WorkspaceKey>> {
    const found = new Map<string, WorkspaceKey>();
    const missing: string[] = [];
    for (const workspace of workspaces) {
      const cached = this.workspaceKeys.get(workspace);
      if (cached === undefined) missing.push(workspace);
      else found.set(workspace, cached);
    }
    if (missing.length === 0) return found;
    const seen = this.watch.changes;
    const { rows } = await db.query({
      name: 'keys.workspace_keys',
      text: 'select workspace, key from keys.workspace_keys where workspace = any ($1::uuid[]) and key is not null',
      values: [missing],
    });
    for (const row of rows) {
      const workspace = uuidOf(row.workspace as string);
      const key = workspaceKeyFrom(workspace, row.key as Buffer);
      found.set(workspace, key);
      if (seen === this.watch.changes) this.keepWorkspaceKey(key);
    }
    return found;
  }

  private keepWorkspaceKey(key: WorkspaceKey): void {
    if (this.workspaceKeys.size >= 10_000) this.workspaceKeys.delete(this.workspaceKeys.keys().next().value!);
    this.workspaceKeys.set(key.workspace, key);
  }
}

/** 32 hex digits from `wsp_…` or from a uuid's text. */
function uuidOf(workspace: string): string {
  const uuid = workspace.slice(workspace.indexOf('_') + 1);
  return uuid.length === 32 ? uuid : uuid.replaceAll('-', '');
}

function open(row: StoredDataKey, workspaceKey: WorkspaceKey | undefined): DataKey {
  const id = Buffer.from(uuidOf(row.id), 'hex');
  if (row.wrapped === null || workspaceKey === undefined)
    return { id, subject: row.subject, key: null, withheld: null };
  const key = unwrap(workspaceKey, id, row.subject, row.wrapped);
  if (key === null) throw new BrokenKeyError(row.id);
  const withheld = row.withheld === null ? null : new Set(row.withheld);
  return { id, subject: row.subject, key: createSecretKey(key), withheld };
}
