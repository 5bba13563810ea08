import { EMBEDDED_PARTITION } from '../event-log/postgres-event-log.js';
import type { SqlStatement } from '../postgres/connection.js';
import type { ProjectionName } from './projection.js';

/** A row of a service's table `projections`, with what waits in `dead_letters`. */
export interface CursorRow {
  partition: string;
  next: number;
  generation: number;
  /** Events at or before this position of the store were applied before the log moved to Kafka. */
  carried: number;
  diverged: boolean;
  dead_letters: number;
}

const ROW = (service: string) => `
  select p.partition, p.next, p.generation, p.carried, p.diverged_at is not null as diverged,
         (select count(*) from ${service}.dead_letters d
           where d.projection = p.name and d.partition = p.partition and d.redriven_at is null) as dead_letters
    from ${service}.projections p`;

/** The statements on the cursor of one projection on one partition of the log. */
export class Cursor {
  constructor(
    private readonly projection: ProjectionName,
    private readonly partition: string,
  ) {}

  /**
   * Makes the rows of a projection on all of its log's partitions, once. What the embedded log's row says has been
   * applied is passed over on Kafka, and that row goes, so that nobody goes on from it; a process that still keeps the
   * log embedded then finds none.
   */
  static ensureAll({ service, name }: ProjectionName, partitions: readonly string[]): SqlStatement {
    return {
      name: `${service}_cursor_ensure`,
      text: `with embedded as (
               delete from ${service}.projections
                where name = $1 and partition = $3 and $3 <> all ($2::text[]) returning next, generation
             )
             insert into ${service}.projections (name, partition, generation, carried)
             select $1, p, coalesce((select generation from embedded), 0), coalesce((select next - 1 from embedded), 0)
               from unnest($2::text[]) p
              where p <> $3 or not exists (select from ${service}.projections where name = $1)
             on conflict do nothing`,
      values: [name, partitions, EMBEDDED_PARTITION],
    };
  }

  /** Returns a CursorRow for each partition that the projection has a cursor on. */
  static readAll({ service, name }: ProjectionName): SqlStatement {
    return { text: `${ROW(service)} where p.name = $1 order by p.partition`, values: [name] };
  }

  /** Returns one CursorRow. */
  read(): SqlStatement {
    const { service, name } = this.projection;
    return {
      name: `${service}_cursor_read`,
      text: `${ROW(service)} where p.name = $1 and p.partition = $2`,
      values: [name, this.partition],
    };
  }

  /** Fails as overtaken where the row does not say `expected`. */
  advance(expected: number, next: number): SqlStatement {
    const { service, name } = this.projection;
    return {
      name: `${service}_cursor_advance`,
      text: `select ${service}.advance($1, $2, $3, $4)`,
      values: [name, this.partition, expected, next],
    };
  }

  /** Stops the projection on this partition for every member, until it is rebuilt. */
  markDiverged(): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `update ${service}.projections set diverged_at = coalesce(diverged_at, now())
              where name = $1 and partition = $2`,
      values: [name, this.partition],
    };
  }

  /**
   * For one transaction: the projection has rows on these partitions alone, and is stopped there for
   * every member until it is rebuilt.
   */
  static startOver({ service, name }: ProjectionName, partitions: readonly string[]): SqlStatement[] {
    return [
      {
        text: `insert into ${service}.projections (name, partition, generation, diverged_at)
               select $1, p, coalesce((select max(generation) from ${service}.projections where name = $1), 0), now()
                 from unnest($2::text[]) p
               on conflict (name, partition) do update set diverged_at = coalesce(projections.diverged_at, now())`,
        values: [name, partitions],
      },
      ...['projections where name', 'dead_letters where projection'].map((rows) => ({
        text: `delete from ${service}.${rows} = $1 and partition <> all ($2::text[])`,
        values: [name, partitions],
      })),
    ];
  }

  /** Where the rebuilt tables are, in the transaction that puts them in place. */
  moveToRebuilt(next: number): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `update ${service}.projections
                set next = $3, generation = generation + 1, carried = 0, diverged_at = null,
                    updated_at = clock_timestamp()
              where name = $1 and partition = $2`,
      values: [name, this.partition, next],
    };
  }

  lock(): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `select next from ${service}.projections where name = $1 and partition = $2 for update`,
      values: [name, this.partition],
    };
  }

  /**
   * Asks for the session's lock that spares other members the work; `held` is the answer. It decides nothing: a
   * member may be stopped for longer than any lease.
   */
  tryLead(): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: 'select pg_try_advisory_lock(hashtextextended($1, 4851)) as held',
      values: [`heddle projection ${service}.${name} ${this.partition}`],
    };
  }
}
