import type { SqlStatement } from '../postgres/connection.js';
import type { Projection } from './projection.js';

/** A row of a service's table `projections`, with what waits in `dead_letters`. */
export interface CursorRow {
  next: number;
  generation: number;
  diverged: boolean;
  dead_letters: number;
}

/** The statements on the cursor of one projection. */
export class Cursor {
  constructor(private readonly projection: Projection) {}

  /** Makes the row of a projection that has never run. */
  ensure(): SqlStatement {
    const { service, name } = this.projection;
    return {
      name: `${service}_cursor_ensure`,
      text: `insert into ${service}.projections (name) values ($1) on conflict do nothing`,
      values: [name],
    };
  }

  /** Returns one CursorRow. */
  read(): SqlStatement {
    const { service, name } = this.projection;
    return {
      name: `${service}_cursor_read`,
      text: `select p.next, p.generation, p.diverged_at is not null as diverged,
                    (select count(*) from ${service}.dead_letters d
                      where d.projection = p.name and d.redriven_at is null) as dead_letters
               from ${service}.projections p where p.name = $1`,
      values: [name],
    };
  }

  /** Fails as overtaken where the row does not say `expected`. */
  advance(expected: number, next: number): SqlStatement {
    const { service, name } = this.projection;
    return {
      name: `${service}_cursor_advance`,
      text: `select ${service}.advance($1, $2, $3)`,
      values: [name, expected, next],
    };
  }

  /** Stops the projection for every member, until it is rebuilt. */
  markDiverged(): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `update ${service}.projections set diverged_at = coalesce(diverged_at, now()) where name = $1`,
      values: [name],
    };
  }

  /** Where the rebuilt tables are, in the transaction that puts them in place. */
  moveToRebuilt(next: number): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `update ${service}.projections
                set next = $2, generation = generation + 1, diverged_at = null, updated_at = clock_timestamp()
              where name = $1`,
      values: [name, next],
    };
  }

  lock(): SqlStatement {
    const { service, name } = this.projection;
    return { text: `select next from ${service}.projections where name = $1 for update`, values: [name] };
  }

  /**
   * Asks for the session's lock that spares other members the work; `held` is the answer. It decides nothing: a
   * member may be stopped for longer than any lease.
   */
  tryLead(): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: 'select pg_try_advisory_lock(hashtextextended($1, 4851)) as held',
      values: [`heddle projection ${service}.${name}`],
    };
  }
}
