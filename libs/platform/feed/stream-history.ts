import { EVENT_GROUPS, EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import type { EventCodec } from '../event-codec/event-codec.js';
import type { OpenEvent, SealedEvent } from '../event-codec/sealed-event.js';
import { weightOf } from '../event-log/event-weight.js';
import type { Pins } from '../event-schemas/pins.js';
import { beyondTheEnd, decodeCursor, encodeCursor, type Place } from '../event-store/cursor.js';
import type { StoreIdentity } from '../event-store/epoch.js';
import type { Actor, EventMeta, RecordedEvent } from '../kernel/event.js';
import { idToBytes, prefixOf, STREAM_TYPES } from '../kernel/id.js';
import { Problem } from '../kernel/problem.js';
import type { Keyring } from '../keys/data-key.js';
import type { KeyDatabase } from '../keys/key-database.js';
import type { KeyStore } from '../keys/key-store.js';
import { cutToPage, type PageQuery, rowsOfPage, toPage } from '../reads/page.js';
import type { ReadPool } from '../reads/read-pool.js';
import { shownData } from './shown-data.js';

interface EventRow {
  position: number;
  seq: number;
  schema_fingerprint: Buffer;
  payload: Buffer;
}

export interface HistoryQuery extends PageQuery {
  /** An event type or a group's name. */
  type?: string | undefined;
  /** The versions that the reader asks for; the newest where it is left out. */
  pins?: Pins;
}

const PAGE = cutToPage(
  `select position, seq, schema_fingerprint, payload from log.events
    where stream = $1 and seq > $2 and seq <= $5 and ($4::text[] is null or type = any ($4)) order by seq limit $3`,
  'octet_length(payload)',
  'seq',
);
const PAGE_AT = cutToPage(
  `select position, seq, schema_fingerprint, payload from log.events
    where stream = $1 and seq = any ($2::integer[]) and type = any ($3) order by seq limit $4`,
  'octet_length(payload)',
  'seq',
);
const NO_END = 2_147_483_647;
const NO_KEYS: Keyring = new Map();
/** How many events of a stream are in memory at once where all of them are read; less where they weigh much. */
const SCANNED_AT_ONCE = 500;

export interface HistoryScan {
  /** Nothing up to and with this seq. */
  after?: number;
  /** Nothing after this seq. */
  upTo?: number;
  /** Nothing after this position. */
  upToPosition?: number;
  /** Only events of these types. */
  types?: readonly string[];
  /** Which of them are given; asked once for each, in their order. */
  wants?: (event: SealedEvent) => boolean;
  /** Whether an event of this type can be opened; all can where it is left out, and are once their data is looked at. */
  opens?: (type: string) => boolean;
  /** Told how many events a page was made of, and what they weigh on the log. */
  onRead?: (events: number, bytes: number) => void;
}

export interface ScannedPage {
  events: ScannedEvent[];
  /** Whether nothing was read at all. */
  isEmpty: boolean;
  /** The seq after which it goes on; null where it does not. */
  next: number | null;
}

/** An event of a scan. Its personal fields are opened when its data is looked at, which takes longer than all else. */
export class ScannedEvent implements RecordedEvent<string, Record<string, unknown>> {
  readonly type: string;
  readonly meta: EventMeta;
  readonly position: number;
  /** What it weighs on the log. */
  readonly bytes: number;
  private opened: Record<string, unknown> | null = null;

  constructor(
    private readonly sealed: SealedEvent,
    { position, payload }: EventRow,
    private readonly open: ((event: SealedEvent) => OpenEvent) | null,
  ) {
    this.type = sealed.type;
    this.meta = sealed.meta;
    this.position = position;
    this.bytes = payload.length;
  }

  get data(): Record<string, unknown> {
    this.opened ??= this.open === null ? this.sealed.data : this.open(this.sealed).data;
    return this.opened;
  }
}

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

  /** Throws `not_found` for a stream without events, `invalid_cursor`, `cursor_diverged`, and as `typesOf` does. */
  async page(workspace: string, stream: string, { limit, cursor, type, pins }: HistoryQuery): Promise<object> {
    const uuid = idToBytes(stream);
    const place = cursor === undefined ? null : decodeCursor(this.store(), cursor, { workspace });
    const after = place === null ? 0 : await this.seqAt(workspace, uuid, place);
    const rows = await this.rows(workspace, uuid, after, limit, typesOf(type), NO_END);
    const sealed = rows.map((row) => this.codec.decode(row.schema_fingerprint, row.payload));
    // A uuid under another prefix leads to the events of another kind of stream, which may need another scope.
    const found = sealed.length > 0 ? sealed[0]!.meta.stream === stream : await this.versionOf(workspace, stream);
    if (found === null || found === false) throw new Problem('not_found', `There is no ${stream} in this workspace.`);
    const opened = await this.open(sealed);
    const events = rows.map((row, i) => ({ row, event: opened[i]! }));
    return toPage(
      events,
      rowsOfPage(rows, limit, ({ payload }) => payload.length),
      ({ row, event }) => toResource(row.position, pins === undefined ? event : { ...event, data: pins.dataOf(event) }),
      ({ row }) => encodeCursor(this.store(), { position: row.position, seq: row.seq }, workspace),
    );
  }

  /**
   * Every event of a stream in its order, a page at a time; a page may be empty of what is wanted. Throws `not_found` for
   * a stream without events.
   */
  async *scan(workspace: string, stream: string, scan: HistoryScan): AsyncGenerator<ScannedEvent[]> {
    let isFirst = true;
    for (let after: number | null = scan.after ?? 0; after !== null; isFirst = false) {
      const page: ScannedPage = await this.scanPage(workspace, stream, { ...scan, after });
      if (isFirst && page.isEmpty && (await this.versionOf(workspace, stream)) === null) {
        throw new Problem('not_found', `There is no ${stream} in this workspace.`);
      }
      yield page.events;
      after = page.next;
    }
  }

  /** One page of a scan, and where it goes on. Throws `not_found` for a stream of another kind. */
  async scanPage(workspace: string, stream: string, scan: HistoryScan): Promise<ScannedPage> {
    const { after = 0, upTo = NO_END, upToPosition, types = null, wants, opens, onRead } = scan;
    const read = await this.rows(workspace, idToBytes(stream), after, SCANNED_AT_ONCE, types, upTo);
    const rows = read.slice(
      0,
      rowsOfPage(read, SCANNED_AT_ONCE, ({ payload }) => payload.length),
    );
    const sealed = rows.map((row) => ({ ...this.codec.decode(row.schema_fingerprint, row.payload), row }));
    if (sealed.length > 0 && sealed[0]!.meta.stream !== stream) {
      throw new Problem('not_found', `There is no ${stream} in this workspace.`);
    }
    onRead?.(rows.length, weightOf(rows));
    const within = sealed.filter(({ row }) => upToPosition === undefined || row.position <= upToPosition);
    const wanted = wants === undefined ? within : within.filter(wants);
    const isOpened = ({ type }: SealedEvent) => opens === undefined || opens(type);
    const open = await this.opener(wanted.filter(isOpened));
    return {
      events: wanted.map((event) => new ScannedEvent(event, event.row, isOpened(event) ? open : null)),
      isEmpty: rows.length === 0,
      next: read.length <= rows.length || within.length < sealed.length ? null : rows.at(-1)!.seq,
    };
  }

  /** The place on one stream of a public cursor. Throws `invalid_cursor`, `cursor_diverged`. */
  async seqOf(workspace: string, stream: string, cursor: string): Promise<number> {
    return this.seqAt(workspace, idToBytes(stream), decodeCursor(this.store(), cursor, { workspace }));
  }

  /** The public cursor that stands right after an event. */
  cursorAfter({ position, meta }: Pick<RecordedEvent, 'position' | 'meta'>): string {
    return encodeCursor(this.store(), { position, seq: meta.seq }, meta.workspace);
  }

  private async rows(
    workspace: string,
    stream: Buffer,
    after: number,
    limit: number,
    types: readonly string[] | null,
    upTo: number,
  ): Promise<EventRow[]> {
    const { rows } = await this.reads.query<EventRow>(workspace, {
      name: 'stream_history',
      text: PAGE,
      values: [stream, after, limit + 1, types, upTo],
    });
    return rows;
  }

  /** A page of the events of a stream at these numbers, of these types, in their order; and whether there are more. */
  async eventsAt(
    workspace: string,
    stream: string,
    seqs: readonly number[],
    types: readonly string[],
    limit: number,
  ): Promise<{ events: OpenEvent[]; more: boolean }> {
    const { rows } = await this.reads.query<EventRow>(workspace, {
      name: 'events_at',
      text: PAGE_AT,
      values: [idToBytes(stream), seqs, types, limit + 1],
    });
    const page = rows.slice(
      0,
      rowsOfPage(rows, limit, ({ payload }) => payload.length),
    );
    const events = await this.open(page.map((row) => this.codec.decode(row.schema_fingerprint, row.payload)));
    return { events, more: rows.length > page.length };
  }

  /** The events at these positions of the store, of whichever streams of the workspace, in the order of the log. */
  async eventsAtPositions(
    workspace: string,
    positions: readonly number[],
  ): Promise<(OpenEvent & { position: number })[]> {
    const { rows } = await this.reads.query<EventRow>(workspace, {
      name: 'events_at_positions',
      text: 'select position, seq, schema_fingerprint, payload from log.events where position = any ($1::bigint[]) order by position',
      values: [positions],
    });
    const opened = await this.open(rows.map((row) => this.codec.decode(row.schema_fingerprint, row.payload)));
    return opened.map((event, i) => ({ ...event, position: Number(rows[i]!.position) }));
  }

  /** The events, of whichever streams, with their personal fields in plain text. */
  async open(events: readonly SealedEvent[]): Promise<OpenEvent[]> {
    const open = await this.opener(events);
    return events.map(open);
  }

  /**
   * What opens these events, one by one. What was redacted before is asked of the store each time: the keys in memory may be
   * older than an answer of another process.
   */
  private async opener(events: readonly SealedEvent[]): Promise<(event: SealedEvent) => OpenEvent> {
    const ids = new Set<string>();
    const streams = new Set<string>();
    for (const event of events) {
      const its = this.codec.keyIdsOf(event);
      for (const id of its) ids.add(id);
      if (its.length > 0) streams.add(event.meta.stream);
    }
    // What names nobody has nothing that could be withheld.
    if (ids.size === 0) return (event) => this.codec.open(event, NO_KEYS);
    const [keyring, withheld] = await Promise.all([
      this.keys.loadByIds(this.keyReads, ids),
      this.keys.withheldOn(this.keyReads, [...streams]),
    ]);
    return (event) => this.codec.open(event, keyring, withheld);
  }

  /**
   * Where a place in the whole log is on one stream. The seq that the cursor carries spares the search where it is this
   * stream's; it may come from another one. Throws `cursor_diverged` for a place that the log has not reached.
   */
  private async seqAt(workspace: string, stream: Buffer, { position, seq }: Place): Promise<number> {
    // First: what is made up may be beyond what the column holds.
    if (position > (await this.end())) throw beyondTheEnd(position);
    const { rows } = await this.reads.query<{ seq: number }>(workspace, {
      name: 'seq_at',
      text: `select coalesce(
               (select seq from log.events where stream = $1 and seq = $3 and position = $2),
               (select max(seq) from log.events where stream = $1 and position <= $2), 0) as seq`,
      values: [stream, position, seq ?? 0],
    });
    return rows[0]!.seq;
  }

  /** How many events a stream has; null for one that is not there. */
  async versionOf(workspace: string, stream: string): Promise<number | null> {
    const { rows } = await this.reads.query<{ version: number }>(workspace, {
      name: 'stream_version',
      text: 'select version from log.streams where stream = $1 and type = $2',
      values: [idToBytes(stream), STREAM_TYPES[prefixOf(stream)]],
    });
    return rows[0]?.version ?? null;
  }
}

const TYPES: ReadonlySet<string> = new Set(EVENT_SCHEMAS.map(({ type }) => type));

/** The types that a filter names: one, or a group; null for all. Throws `invalid_value` for what is neither. */
export function typesOf(filter: string | undefined): readonly string[] | null {
  if (filter === undefined) return null;
  if (Object.hasOwn(EVENT_GROUPS, filter)) return EVENT_GROUPS[filter]!;
  if (TYPES.has(filter)) return [filter];
  throw new Problem(
    'invalid_value',
    `The type ${filter} is neither one of an event nor a group of them: the catalogue of events has all that there are.`,
  );
}

/** An event as the API shows it. */
export function toResource(
  position: number,
  { type, meta, data }: Pick<RecordedEvent, 'type' | 'meta' | 'data'>,
): object {
  return {
    id: meta.id,
    type,
    stream: meta.stream,
    seq: meta.seq,
    position,
    occurred_at: new Date(meta.occurred_at).toISOString(),
    recorded_at: new Date(meta.recorded_at).toISOString(),
    actor: actorOf(meta.actor),
    data: shownData(type, data as Record<string, unknown>),
  };
}

/** Who called, as the API shows it. */
export function actorOf({ type, id, on_behalf_of }: Actor): object {
  return on_behalf_of == null ? { type, id } : { type, id, on_behalf_of };
}
