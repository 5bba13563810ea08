import { newId } from '../kernel/id.js';
import type { SqlStatement } from '../postgres/connection.js';
import { Cursor, type CursorRow } from '../projections/cursor.js';
import type { ProjectedEvent, Projection, TableName } from '../projections/projection.js';
import type { Installation } from './engine-under-test.js';
import { MESSAGE } from './made-events.js';
import { marksOf } from './reading.js';

export interface Heard {
  event_id: string;
  stream: string;
  seq: number;
}

export interface Letter {
  partition: string;
  position: number;
  event_id: string | null;
  type: string | null;
  cause: string;
  attempts: number;
  redriven_at: string | null;
}

const SERVICE = 'analytics';

/** A projection that writes down each event that it is given, however often, and keeps a small read model of them. */
export class Witness {
  readonly projection: Projection;
  /** Ids of events that it cannot take. */
  readonly poison = new Set<string>();
  /** How often each of them has been tried. */
  readonly tries = new Map<string, number>();

  private constructor(
    private readonly on: Installation,
    types: readonly string[],
  ) {
    this.projection = {
      name: `witness_${newId('evt').slice(-12)}`,
      service: SERVICE,
      inline: false,
      personal: false,
      tables: ['tally'],
      definition: ['libs/platform/conformance/tally.sql'],
      types,
      project: (events, table) => this.project(events, table),
    };
  }

  /** From the first event of the log on. */
  static fromTheFirst(on: Installation, types: readonly string[] = [MESSAGE]): Witness {
    return new Witness(on, types);
  }

  /** From here on: what the log holds already has been dealt with. */
  static async fromHere(on: Installation, types: readonly string[] = [MESSAGE]): Promise<Witness> {
    const witness = new Witness(on, types);
    const marks = await marksOf(on, types);
    await witness.placeAt(marks);
    return witness;
  }

  get name(): string {
    return this.projection.name;
  }

  /** Sets the cursors, which need not be there yet. */
  async placeAt(marks: ReadonlyMap<string, number>): Promise<void> {
    for (const [partition, position] of marks) {
      await this.on.admin.query(
        `insert into ${SERVICE}.projections (name, partition, next) values ($1, $2, $3)
           on conflict (name, partition) do update set next = excluded.next`,
        [this.name, partition, position + 1],
      );
    }
  }

  /** In the order in which they were committed, as often as they were. */
  async heard(): Promise<Heard[]> {
    const { rows } = await this.on.admin.query<Heard>(
      `select event_id, stream, seq from ${SERVICE}.witnessed where projection = $1 order by nth`,
      [this.name],
    );
    return rows;
  }

  async heardIds(): Promise<string[]> {
    return (await this.heard()).map(({ event_id }) => event_id);
  }

  /** Its read model. */
  async tally(): Promise<{ stream: string; events: number }[]> {
    const { rows } = await this.on.admin.query(
      `select * from ${SERVICE}.tally where projection = $1 order by projection, stream`,
      [this.name],
    );
    return rows;
  }

  async cursors(): Promise<CursorRow[]> {
    const { rows } = await this.on.admin.query<CursorRow>(Cursor.readAll(this.projection));
    return rows;
  }

  async letters(): Promise<Letter[]> {
    const { rows } = await this.on.admin.query<Letter>(
      `select partition, position, event_id, type, cause, attempts, redriven_at from ${SERVICE}.dead_letters
        where projection = $1 order by partition, position`,
      [this.name],
    );
    return rows;
  }

  private project(events: readonly ProjectedEvent[], table: TableName): SqlStatement[] {
    for (const { meta } of events) {
      if (!this.poison.has(meta.id)) continue;
      if (events.length === 1) this.tries.set(meta.id, (this.tries.get(meta.id) ?? 0) + 1);
      throw new TypeError('The witness cannot take this event.');
    }
    const live = `${SERVICE}.tally`;
    const tallied = this.tallying(events, table('tally'));
    return table('tally') === live ? [this.witnessing(events), tallied] : [tallied];
  }

  private witnessing(events: readonly ProjectedEvent[]): SqlStatement {
    return {
      text: `insert into ${SERVICE}.witnessed (projection, event_id, stream, seq)
             select $1, e.* from unnest($2::text[], $3::text[], $4::integer[]) e`,
      values: [
        this.name,
        events.map(({ meta }) => meta.id),
        events.map(({ meta }) => meta.stream),
        events.map(({ meta }) => meta.seq),
      ],
    };
  }

  private tallying(events: readonly ProjectedEvent[], table: string): SqlStatement {
    const streams = new Map<string, { events: number; sum: number; last: number }>();
    for (const { meta } of events) {
      const { events: counted, sum, last } = streams.get(meta.stream) ?? { events: 0, sum: 0, last: 0 };
      streams.set(meta.stream, { events: counted + 1, sum: sum + meta.seq, last: Math.max(last, meta.seq) });
    }
    const rows = [...streams.values()];
    return {
      text: `insert into ${table} as t
             select $1, e.* from unnest($2::text[], $3::integer[], $4::bigint[], $5::integer[]) e order by 2
             on conflict (projection, stream) do update
               set events = t.events + excluded.events, sum_of_seqs = t.sum_of_seqs + excluded.sum_of_seqs,
                   last_seq = greatest(t.last_seq, excluded.last_seq)`,
      values: [
        this.name,
        [...streams.keys()],
        rows.map(({ events: counted }) => counted),
        rows.map(({ sum }) => sum),
        rows.map(({ last }) => last),
      ],
    };
  }
}
