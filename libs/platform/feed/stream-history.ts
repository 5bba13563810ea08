import { EVENT_GROUPS } from '../../contract/generated/event-schemas.js';
import type { EventCodec } from '../event-codec/event-codec.js';
import type { OpenEvent, SealedEvent } from '../event-codec/sealed-event.js';
import { beyondTheEnd, decodeCursor, encodeCursor, type Place } from '../event-store/cursor.js';
import type { StoreIdentity } from '../event-store/epoch.js';
import { idToBytes, prefixOf, STREAM_TYPES } from '../kernel/id.js';
import { Problem } from '../kernel/problem.js';
import type { KeyDatabase } from '../keys/key-database.js';
import type { KeyStore } from '../keys/key-store.js';
import { cutToPage, type PageQuery, rowsOfPage, toPage } from '../reads/page.js';
import type { ReadPool } from '../reads/read-pool.js';

interface EventRow {
  position: number;
  seq: number;
  schema_fingerprint: Buffer;
  payload: Buffer;
}

export interface HistoryQuery extends PageQuery {
  /** An event type or a group's name. */
  type?: string | undefined;
}

const PAGE = cutToPage(
  `select position, seq, schema_fingerprint, payload from log.events
    where stream = $1 and seq > $2 and ($4::text[] is null or type = any ($4)) order by seq limit $3`,
  'octet_length(payload)',
  'seq',
);

/** The events of one stream in their order, opened, a page at a time. */
export class StreamHistory {
  constructor(
    private readonly reads: ReadPool,
    private readonly codec: EventCodec,
    private readonly keys: KeyStore,
    private readonly keyReads: KeyDatabase,
    private readonly store: () => StoreIdentity,
    private readonly end: () => Promise<number>,
  ) {}

  /** Throws `not_found` for a stream without events, `invalid_cursor` and `cursor_diverged`. */
  async page(workspace: string, stream: string, { limit, cursor, type }: HistoryQuery): Promise<object> {
    const uuid = idToBytes(stream);
    const place = cursor === undefined ? null : decodeCursor(this.store(), cursor);
    const after = place === null ? 0 : await this.seqAt(workspace, uuid, place);
    const types = type === undefined ? null : (EVENT_GROUPS[type] ?? [type]);
    const { rows } = await this.reads.query<EventRow>(workspace, {
      name: 'stream_history',
      text: PAGE,
      values: [uuid, after, limit + 1, types],
    });
    const sealed = rows.map((row) => this.codec.decode(row.schema_fingerprint, row.payload));
    // A uuid under another prefix leads to the events of another kind of stream, which may need another scope.
    const found = sealed.length > 0 ? sealed[0]!.meta.stream === stream : await this.exists(workspace, stream);
    if (!found) throw new Problem('not_found', `There is no ${stream} in this workspace.`);
    const opened = await this.open(sealed);
    const events = rows.map((row, i) => ({ row, event: opened[i]! }));
    return toPage(
      events,
      rowsOfPage(rows, limit, ({ payload }) => payload.length),
      ({ row, event }) => toResource(row.position, event),
      ({ row }) => encodeCursor(this.store(), { position: row.position, seq: row.seq }),
    );
  }

  /** The events of a stream at these numbers, in their order. */
  async events(workspace: string, stream: string, seqs: readonly number[]): Promise<OpenEvent[]> {
    const { rows } = await this.reads.query<EventRow>(workspace, {
      name: 'events_at',
      text: `select position, seq, schema_fingerprint, payload from log.events
              where stream = $1 and seq = any ($2::integer[]) order by seq`,
      values: [idToBytes(stream), seqs],
    });
    return this.open(rows.map((row) => this.codec.decode(row.schema_fingerprint, row.payload)));
  }

  /** What was redacted before is asked of the store each time: the keys in memory may be older than an answer of another process. */
  private async open(events: readonly SealedEvent[]): Promise<OpenEvent[]> {
    const [first] = events;
    if (first === undefined) return [];
    const ids = new Set(events.flatMap((event) => this.codec.keyIdsOf(event)));
    const [keyring, withheld] = await Promise.all([
      this.keys.loadByIds(this.keyReads, ids),
      this.keys.withheldOn(this.keyReads, first.meta.stream),
    ]);
    return events.map((event) => this.codec.open(event, keyring, withheld));
  }

  /**
   * Where a place in the whole log is on one stream. The seq that the cursor carries spares the search where it is this
   * stream's; it may come from another one. Throws `cursor_diverged` for a place that the log has not reached.
   */
  private async seqAt(workspace: string, stream: Buffer, { position, seq }: Place): Promise<number> {
    const { rows } = await this.reads.query<{ seq: number }>(workspace, {
      name: 'seq_at',
      text: `select coalesce(
               (select seq from log.events where stream = $1 and seq = $3 and position = $2),
               (select max(seq) from log.events where stream = $1 and position <= $2), 0) as seq`,
      values: [stream, position, seq ?? 0],
    });
    if (position > (await this.end())) throw beyondTheEnd(position);
    return rows[0]!.seq;
  }

  private async exists(workspace: string, stream: string): Promise<boolean> {
    const { rows } = await this.reads.query(workspace, {
      name: 'stream_exists',
      text: 'select from log.streams where stream = $1 and type = $2',
      values: [idToBytes(stream), STREAM_TYPES[prefixOf(stream)]],
    });
    return rows.length > 0;
  }
}

/** An event as the API shows it. */
export function toResource(position: number, { type, meta, data }: OpenEvent): object {
  const { type: actorType, id, on_behalf_of } = meta.actor;
  return {
    id: meta.id,
    type,
    seq: meta.seq,
    position,
    occurred_at: new Date(meta.occurred_at).toISOString(),
    recorded_at: new Date(meta.recorded_at).toISOString(),
    actor: on_behalf_of == null ? { type: actorType, id } : { type: actorType, id, on_behalf_of },
    data,
  };
}
