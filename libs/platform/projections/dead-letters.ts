import type { SqlStatement } from '../postgres/connection.js';
import type { Projection } from './projection.js';

/** An event that could not be applied to a projection and was passed over. */
export interface DeadLetter {
  position: number;
  /** Null where the event could not be decoded. */
  eventId: string | null;
  type: string | null;
  cause: string;
  attempts: number;
}

/** The statements on the dead letters of one projection. */
export class DeadLetters {
  constructor(private readonly projection: Projection) {}

  add({ position, eventId, type, cause, attempts }: DeadLetter): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `insert into ${service}.dead_letters as d (projection, position, event_id, type, cause, attempts)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (projection, position) do update
               set cause = excluded.cause, attempts = d.attempts + excluded.attempts, failed_at = clock_timestamp(),
                   redriven_at = null`,
      values: [name, position, eventId, type, cause, attempts],
    };
  }

  /** The positions that wait, in order; one of them, or all. */
  waiting(position?: number): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `select position from ${service}.dead_letters
              where projection = $1 and redriven_at is null and ($2::bigint is null or position = $2)
              order by position`,
      values: [name, position ?? null],
    };
  }

  /** Fails as overtaken where it does not wait (any more). */
  take(position: number): SqlStatement {
    const { service, name } = this.projection;
    return { text: `select ${service}.take_dead_letter($1, $2)`, values: [name, position] };
  }

  failedAgain(position: number, cause: string): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `update ${service}.dead_letters
                set cause = $3, attempts = attempts + 1, failed_at = clock_timestamp()
              where projection = $1 and position = $2 and redriven_at is null`,
      values: [name, position, cause],
    };
  }

  /** Those that a rebuild up to a position applied, with the rows that it put in place. */
  settle(upTo: number, stillDead: readonly number[]): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `update ${service}.dead_letters set redriven_at = clock_timestamp()
              where projection = $1 and redriven_at is null and position <= $2 and position <> all ($3::bigint[])`,
      values: [name, upTo, stillDead],
    };
  }
}
