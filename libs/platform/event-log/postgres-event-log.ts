import { int8Array } from '../postgres/binary-array.js';
import { Connection } from '../postgres/connection.js';
import type { LogPage, LogPartition, PlacedLog, ReadOptions, StoredEvent } from './event-log.js';
import { RecentEvents } from './recent-events.js';

/** What the log needs to know of an event that this process has just committed. */
export interface AppendedEvent {
  type: string;
  fingerprint: Buffer;
  payload: Buffer;
}

/** The one partition of the embedded log. */
export const EMBEDDED_PARTITION = 'log';

/** A table or view of events in the store's order, without holes up to its end. */
export interface EventTable {
  relation: string;
  /** A query for the last position. */
  end: string;
  /** The notifications that say that it has grown, with the last position. */
  channel: string;
}

const STORE: EventTable = {
  relation: 'log.events',
  end: 'select coalesce(max(position), 0) from log.events',
  channel: 'heddle_log',
};

/** What a quarter of a second may append, for as long do those wait that gather. */
const RECENT_BYTES = 8 * 1024 * 1024;

/**
 * The log in the store's own event table. Positions are drawn under one lock at commit, so `position > last` in
 * order misses nothing; wake-ups come by NOTIFY, and directly from appends of the same process.
 */
export class PostgresEventLog implements PlacedLog {
  readonly name = EMBEDDED_PARTITION;
  private readonly reads: Connection;
  private readonly listening: Connection;
  private readonly listeners = new Set<() => void>();
  private readonly recent = new RecentEvents(RECENT_BYTES);
  private heardOf = 0;
  private pulse: NodeJS.Timeout | undefined;

  constructor(
    url: string,
    role: string,
    private readonly source: EventTable = STORE,
  ) {
    this.reads = new Connection({ url, role, applicationName: 'heddle log' });
    this.listening = new Connection({
      url,
      role,
      applicationName: 'heddle wake-up',
      onConnect: async (client) => {
        await client.query(`listen ${source.channel}`);
        // The server may be another one now, or the same after a while in which others appended.
        this.forget();
        setImmediate(() => this.wake(0));
      },
    });
    this.listening.onNotification((_channel, position) => {
      // This process heard of its own appends when they were made.
      if (Number(position) > this.heardOf) this.wake(Number(position));
    });
  }

  async start(): Promise<void> {
    await Promise.all([this.reads.ready(), this.listening.ready()]);
    // A session that only listens would not notice that the server has gone without a word.
    this.pulse = setInterval(() => void this.listening.query({ text: 'select 1' }).catch(() => undefined), 1000);
    this.pulse.unref();
  }

  /**
   * Tells the readers of this process at once what it has committed, without waiting for Postgres to say so. `before`
   * is the position before the first event.
   */
  appended(before: number, events: readonly AppendedEvent[]): void {
    this.recent.add(before, events);
    this.wake(before + events.length);
  }

  /** What this process appended before says nothing of the store as it is now. */
  forget(): void {
    this.recent.clear();
    this.heardOf = 0;
  }

  private wake(position: number): void {
    this.heardOf = Math.max(this.heardOf, position);
    for (const listener of this.listeners) listener();
  }

  async partitionsOf(): Promise<readonly LogPartition[]> {
    return [this];
  }

  async read(after: number, { limit, types, upTo }: ReadOptions): Promise<LogPage> {
    // Where others have appended since, Postgres has it all in one page.
    const recent = this.recent.last < this.heardOf ? null : this.recent.read(after, { limit, types, upTo });
    if (recent !== null) return recent;
    const last = upTo ?? Number.MAX_SAFE_INTEGER;
    const { rows } = await this.reads.query<PackedRow>(
      types === undefined
        ? { name: 'log_read', text: FRAMES(this.source, ''), values: [after, last, limit] }
        : ofAccess(types)
          ? { name: 'log_read_access', text: FRAMES(this.source, OF_ACCESS), values: [after, last, limit, types] }
          : { name: 'log_read_types', text: FRAMES(this.source, OF_TYPES), values: [after, last, limit, types] },
    );
    const row = rows[0]!;
    return { events: unpack(row.frames), scannedTo: Number(row.scanned_to) };
  }

  async at(positions: readonly number[], mostBytes: number, order: 'asc' | 'desc'): Promise<StoredEvent[]> {
    const { rows } = await this.reads.query<{ frames: Buffer | null }>({
      name: `log_at_${order}`,
      text: AT(this.source, order),
      values: [int8Array(positions), mostBytes],
    });
    return unpack(rows[0]!.frames);
  }

  async end(): Promise<number> {
    const { rows } = await this.reads.query<{ last: number }>({
      name: 'log_end',
      text: `select (${this.source.end}) as last`,
    });
    return Number(rows[0]!.last);
  }

  onAppend(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    clearInterval(this.pulse);
    this.listeners.clear();
    await Promise.all([this.reads.close(), this.listening.close()]);
  }
}

interface PackedRow {
  frames: Buffer | null;
  scanned_to: number;
}

/**
 * A page is one value, each event a frame of position (8 bytes), fingerprint (16), length (4) and payload: `pg` would
 * make an object and four strings of every row.
 */
const FRAMES = ({ relation, end }: EventTable, where: string) => `
select string_agg(int8send(e.position) || e.schema_fingerprint || int4send(length(e.payload)) || e.payload, ''::bytea
                  order by e.position) as frames,
       case when count(*) = $3 then max(e.position)
            else greatest($1, least($2, (${end}))) end as scanned_to
  from (select position, schema_fingerprint, payload from ${relation}
         where position > $1 and position <= $2 ${where} order by position limit $3) e`;
/** What came before each in bytes tells where the page ends. */
const AT = ({ relation }: EventTable, order: 'asc' | 'desc') => `
select string_agg(int8send(e.position) || e.schema_fingerprint || int4send(length(e.payload)) || e.payload, ''::bytea
                  order by e.position ${order}) as frames
  from (select l.position, l.schema_fingerprint, l.payload,
               sum(octet_length(l.payload)) over (order by l.position ${order}
                 rows between unbounded preceding and 1 preceding) as before
          from unnest($1::bigint[]) p(position) join ${relation} l on l.position = p.position) e
 where e.before is null or e.before < $2`;
const OF_TYPES = 'and type = any($4::text[])';
/** As the partial index `events_of_access` has it: these events are few, and read from the first on at every start. */
const OF_ACCESS = `and (type like 'api\\_key.%' or type like 'workspace.%') and type = any($4::text[])`;
const HEADER = 28;

function ofAccess(types: readonly string[]): boolean {
  return types.every((type) => type.startsWith('api_key.') || type.startsWith('workspace.'));
}

function unpack(frames: Buffer | null): StoredEvent[] {
  const events: StoredEvent[] = [];
  for (let at = 0; frames !== null && at < frames.length; ) {
    const start = at + HEADER;
    const end = start + frames.readUInt32BE(at + 24);
    const position = Number(frames.readBigInt64BE(at));
    events.push({
      position,
      storePosition: position,
      fingerprint: frames.subarray(at + 8, at + 24),
      payload: frames.subarray(start, end),
    });
    at = end;
  }
  return events;
}
