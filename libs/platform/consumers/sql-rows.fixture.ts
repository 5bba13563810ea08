import { setTimeout as sleep } from 'node:timers/promises';
import type { LogPage } from '../event-log/event-log.js';
import { Connection } from '../postgres/connection.js';
import type { Lane } from '../projections/lane.js';

/** What `SqlLane` needs of a database; a position that is applied twice is there twice. */
export const SQL_ROWS = `
  create table cursors (partition text primary key, reached bigint not null default 0);
  create table applied (partition text not null, position bigint not null);
  create function advance(of_partition text, expected bigint, now bigint) returns void language plpgsql as $$
  begin
    update cursors set reached = now where partition = of_partition and reached = expected;
    if not found then raise exception 'overtaken' using errcode = 'HD002'; end if;
  end $$;`;

/** A projection on Postgres that is nothing but its cursor and what it applied. */
export class SqlLane implements Lane {
  position = 0;

  constructor(
    readonly partition: string,
    private readonly connection: Connection,
    /** How long a page is held before its transaction. */
    private readonly holdMs = 0,
  ) {}

  static connect(url: string): Connection {
    return new Connection({ url, applicationName: 'sql lane' });
  }

  async seek(): Promise<number> {
    const text =
      'insert into cursors values ($1) on conflict (partition) do update set reached = cursors.reached returning reached';
    const { rows } = await this.connection.query<{ reached: number }>({ text, values: [this.partition] });
    this.position = rows[0]!.reached;
    return this.position;
  }

  async apply({ events, scannedTo }: LogPage): Promise<void> {
    if (this.holdMs > 0) await sleep(this.holdMs);
    const positions = events.map(({ position }) => position);
    await this.connection.transaction([
      { text: 'select advance($1, $2, $3)', values: [this.partition, this.position, scannedTo] },
      {
        text: 'insert into applied select $1, unnest($2::bigint[])',
        values: [this.partition, positions],
      },
    ]);
    this.position = scannedTo;
  }

  async diverge(): Promise<void> {
    throw new Error(`${this.partition} has diverged`);
  }
}
