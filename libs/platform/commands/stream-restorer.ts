import type { EventCodec } from '../event-codec/event-codec.js';
import type { OpenEvent, SealedEvent } from '../event-codec/sealed-event.js';
import { idToBytes, prefixOf, STREAM_TYPES } from '../kernel/id.js';
import type { DataKey } from '../keys/data-key.js';
import type { KeyDatabase } from '../keys/key-database.js';
import type { KeyStore, Withheld } from '../keys/key-store.js';
import { claimHash } from '../keys/workspace-key.js';
import type { AnyAggregate, Claim } from './command.js';
import { type Head, readHeads } from './heads.js';
import { INSTALLATION } from './preparation.js';
import { isSealedState, openState, sealState, UNREADABLE_STATE } from './sealed-state.js';

/** What could not be brought back, because the keys of people are in no log. */
export interface LostWithKeys {
  /** People whose key is gone: what was sealed with it reads as erased. */
  people: number;
  /** Names that are free again, such as external ids, since nobody can read them. */
  claims: number;
}

interface RestoredStream {
  aggregate: AnyAggregate;
  workspace: string;
  version: number;
  /** Null where it cannot be read any more. */
  state: object | null;
}

/** A name that a stream takes, or gives up. */
interface ClaimMove {
  claim: Buffer;
  workspace: string;
  stream: string;
  held: boolean;
}

/**
 * Brings heads, claims and keys to where events take them that came back into the log without their commands: state by
 * the aggregates' `evolve`, claims by their `claimsOf`, what is withheld by their `withholds`, a tombstone for each key that the events name and nobody has.
 */
export class StreamRestorer {
  readonly lost: LostWithKeys = { people: 0, claims: 0 };
  private readonly aggregates: ReadonlyMap<string, AnyAggregate>;

  constructor(
    aggregates: readonly AnyAggregate[],
    private readonly codec: EventCodec,
    private readonly keys: KeyStore,
  ) {
    this.aggregates = new Map(aggregates.map((aggregate) => [aggregate.type, aggregate]));
  }

  /** `db` is the transaction that the events are inserted in. Returns them as projections see them. */
  async restore(db: KeyDatabase, events: readonly SealedEvent[]): Promise<OpenEvent[]> {
    const loaded = await this.keys.loadByIds(db, new Set(events.flatMap((e) => this.codec.keyIdsOf(e))));
    // Names are taken and states folded from what events said, also where nobody is to read it any more.
    const keyring = new Map([...loaded].map(([id, key]) => [id, { ...key, withheld: null }]));
    const places = new Set([...loaded.values()].flatMap((key) => [...(key.withheld ?? [])]));
    const streams = await this.read(db, [...new Set(events.map(({ meta }) => meta.stream))]);
    const graves = new Map<string, { id: string; workspace: string; subject: string }>();
    const withheld: Withheld[] = [];
    const claims: ClaimMove[] = [];
    const opened: OpenEvent[] = [];
    for (const event of events) {
      const missing = this.codec.keyIdsOf(event).filter((id) => !keyring.has(id));
      for (const id of missing) keyring.set(id, { id: Buffer.from(id, 'hex'), subject: '', key: null, withheld: null });
      const open = this.codec.open(event, keyring);
      const stream = this.evolve(streams, open);
      const { workspace } = open.meta;
      const subject = stream.state === null ? null : stream.aggregate.subjectOf(stream.state, open.meta.stream);
      for (const id of missing) if (subject !== null) graves.set(id, { id, workspace, subject });
      const isErased = this.codec.keyIdsOf(event).some((id) => keyring.get(id)!.key === null);
      for (const claim of await this.movesOf(db, stream.aggregate, open)) {
        // What cannot be read is hashed by nobody: a name that is given up so stays with its stream.
        if (!isErased) claims.push(claim);
        else if (claim.held) this.lost.claims++;
      }
      const seqs = stream.aggregate.withholds?.(open) ?? [];
      const key = seqs.length === 0 || subject === null ? null : await this.keyOf(db, workspace, subject);
      if (key !== null) {
        for (const seq of seqs) withheld.push({ stream: open.meta.stream, seq, workspace, key: key.id });
      }
      opened.push(places.size === 0 ? open : this.codec.open(event, keyring, places));
    }
    await this.keys.bury(db, [...graves.values()]);
    this.lost.people += graves.size;
    await this.write(db, streams);
    if (withheld.length > 0) await db.query(this.keys.withholdRows(withheld));
    await move(db, claims);
    return opened;
  }

  private async read(db: KeyDatabase, ids: readonly string[]): Promise<Map<string, RestoredStream>> {
    const streams = new Map<string, RestoredStream>();
    for (const head of await readHeads(db, ids)) {
      const state = isSealedState(head.state) ? await this.opened(db, head) : head.state;
      streams.set(head.stream, { aggregate: this.aggregateOf(head.stream), ...head, state });
    }
    return streams;
  }

  private async opened(db: KeyDatabase, { stream, workspace, state }: Head): Promise<object | null> {
    const key = await this.keyOf(db, workspace, stream);
    return isSealedState(state) && key !== null ? openState(key, workspace, state) : null;
  }

  private evolve(streams: Map<string, RestoredStream>, { meta, type, data }: OpenEvent): RestoredStream {
    let stream = streams.get(meta.stream);
    if (stream === undefined) {
      stream = { aggregate: this.aggregateOf(meta.stream), workspace: meta.workspace, version: 0, state: null };
      streams.set(meta.stream, stream);
    }
    if (meta.seq !== stream.version + 1) {
      throw new Error(
        `${meta.stream} is at version ${stream.version}, and the event ${meta.id} that comes back is number ${meta.seq}.`,
      );
    }
    // A state that cannot be read is not folded on from, but begun by a first event.
    if (stream.state !== null || stream.version === 0) {
      stream.state = stream.aggregate.decider.evolve(stream.state, { type, data });
    }
    stream.version = meta.seq;
    return stream;
  }

  /** Under the keys that commands claim names with. */
  private async movesOf(db: KeyDatabase, aggregate: AnyAggregate, event: OpenEvent): Promise<ClaimMove[]> {
    const { stream, workspace } = event.meta;
    const released = aggregate.releasesOf?.(event, stream) ?? [];
    const claimed = aggregate.claimsOf?.(event, stream) ?? [];
    if (released.length + claimed.length === 0) return [];
    const key = await this.keys.workspaceKey(db, workspace === stream ? INSTALLATION : workspace);
    const moveOf =
      (held: boolean) =>
      ({ kind, scope = '', value, stream: owner = stream }: Claim): ClaimMove => ({
        claim: claimHash(key, kind, scope, value),
        workspace: hexOf(workspace),
        stream: hexOf(owner),
        held,
      });
    return [...released.map(moveOf(false)), ...claimed.map(moveOf(true))];
  }

  private async write(db: KeyDatabase, streams: ReadonlyMap<string, RestoredStream>): Promise<void> {
    const rows = [...streams];
    const states: string[] = [];
    for (const [id, stream] of rows) states.push(await this.stateText(db, id, stream));
    await db.query({
      text: `insert into log.streams (stream, workspace, type, version, state)
             select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[], $5::text[])
             on conflict (stream) do update set version = excluded.version, state = excluded.state`,
      values: [
        rows.map(([id]) => hexOf(id)),
        rows.map(([, { workspace }]) => hexOf(workspace)),
        rows.map(([, { aggregate }]) => aggregate.type),
        rows.map(([, { version }]) => version),
        states,
      ],
    });
  }

  private async stateText(db: KeyDatabase, id: string, { aggregate, workspace, state }: RestoredStream) {
    if (aggregate.personalState !== true) return JSON.stringify(state);
    const key = state === null ? null : await this.keyOf(db, workspace, id);
    return key === null ? UNREADABLE_STATE : sealState(key, workspace, state!);
  }

  /** Null for a person who has none (any more). */
  private async keyOf(db: KeyDatabase, workspace: string, subject: string): Promise<DataKey | null> {
    const [key] = await this.keys.loadForSubjects(db, [{ workspace, subject }]);
    return key == null || key.key === null ? null : key;
  }

  private aggregateOf(stream: string): AnyAggregate {
    const aggregate = this.aggregates.get(STREAM_TYPES[prefixOf(stream)] ?? '');
    if (aggregate === undefined) throw new Error(`No domain here has streams like ${stream}.`);
    return aggregate;
  }
}

/** In the order of the log: what one stream gave up, another may have taken after it. */
async function move(db: KeyDatabase, moves: readonly ClaimMove[]): Promise<void> {
  const released = moves.filter(({ held }) => !held);
  const taken = new Map<string, ClaimMove>();
  for (const one of moves) {
    const name = one.claim.toString('hex');
    if (one.held) taken.set(name, one);
    else if (taken.get(name)?.stream === one.stream) taken.delete(name);
  }
  await db.query({
    text: `delete from log.claims c using unnest($1::uuid[], $2::uuid[]) r(claim, stream)
            where c.claim = r.claim and c.stream = r.stream`,
    values: [released.map(({ claim }) => claim.toString('hex')), released.map(({ stream }) => stream)],
  });
  const claims = [...taken.values()];
  await db.query({
    text: `insert into log.claims (claim, workspace, stream)
           select * from unnest($1::uuid[], $2::uuid[], $3::uuid[]) on conflict do nothing`,
    values: [
      claims.map(({ claim }) => claim.toString('hex')),
      claims.map(({ workspace }) => workspace),
      claims.map(({ stream }) => stream),
    ],
  });
}

function hexOf(id: string): string {
  return idToBytes(id).toString('hex');
}
