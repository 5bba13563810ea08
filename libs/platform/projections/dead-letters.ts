import type { SqlStatement } from '../postgres/connection.js';
import type { ProjectionName } from './projection.js';

/** Where an event lies in the log. */
export interface LetterPlace {
  partition: string;
  position: number;
}

/** All of a projection's where neither is said. */
export interface WhichLetters {
  partition?: string | undefined;
  position?: number | undefined;
}

/** An event that could not be applied to a projection and was passed over. */
export interface DeadLetter extends LetterPlace {
  /** Null where the event could not be decoded. */
  eventId: string | null;
  type: string | null;
  cause: string;
  attempts: number;
}

/** The statements on the dead letters of one projection. */
export class DeadLetters {
  constructor(private readonly projection: ProjectionName) {}

  add({ partition, position, eventId, type, cause, attempts }: DeadLetter): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `insert into ${service}.dead_letters as d
               (projection, partition, position, event_id, type, cause, attempts)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (projection, partition, position) do update
               set cause = excluded.cause, attempts = d.attempts + excluded.attempts, failed_at = clock_timestamp(),
                   redriven_at = null`,
      values: [name, partition, position, eventId, type, cause, attempts],
    };
  }

  /** The LetterPlaces that wait, in order. */
  waiting({ partition, position }: WhichLetters): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `select partition, position from ${service}.dead_letters
              where projection = $1 and redriven_at is null and ($2::bigint is null or position = $2)
                and ($3::text is null or partition = $3)
              order by partition, position`,
      values: [name, position ?? null, partition ?? null],
    };
  }

  /** Returns how many are `waiting`. */
  count(): SqlStatement {
    const { service, name } = this.projection;
    return {
      name: `${service}_dead_letters_count`,
      text: `select count(*) as waiting from ${service}.dead_letters where projection = $1 and redriven_at is null`,
      values: [name],
    };
  }

  /** Fails as overtaken where it does not wait (any more). */
  take({ partition, position }: LetterPlace): SqlStatement {
    const { service, name } = this.projection;
    return { text: `select ${service}.take_dead_letter($1, $2, $3)`, values: [name, partition, position] };
  }

  failedAgain({ partition, position }: LetterPlace, cause: string): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `update ${service}.dead_letters
                set cause = $4, attempts = attempts + 1, failed_at = clock_timestamp()
              where projection = $1 and partition = $2 and position = $3 and redriven_at is null`,
      values: [name, partition, position, cause],
    };
  }

  /** Those of partitions that the log has no more, after a rebuild from another one. */
  settleElsewhere(partitions: readonly string[]): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `update ${service}.dead_letters set redriven_at = clock_timestamp()
              where projection = $1 and redriven_at is null and partition <> all ($2::text[])`,
      values: [name, partitions],
    };
  }

  /** Those of a partition that a rebuild up to a position applied, with the rows that it put in place. */
  settle(partition: string, upTo: number, stillDead: readonly number[]): SqlStatement {
    const { service, name } = this.projection;
    return {
      text: `update ${service}.dead_letters set redriven_at = clock_timestamp()
              where projection = $1 and partition = $2 and redriven_at is null and position <= $3
                and position <> all ($4::bigint[])`,
      values: [name, partition, upTo, stillDead],
    };
  }
}
