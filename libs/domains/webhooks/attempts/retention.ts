import type { Connection } from '../../../platform/postgres/connection.js';
import { firstIdAt } from './attempt.queries.js';

/** Rows that go at a time: a transaction each. */
const AT_ONCE = 1000;
/** Who removes: one process at a time, for a transaction. */
const TURN = `turn as materialized (
  select pg_try_advisory_xact_lock(hashtextextended('webhooks retention', 4851)) as mine)`;

const REMOVE_ATTEMPTS = `
  with ${TURN}, old as materialized (
    select endpoint, id from webhooks.attempts
     where (select mine from turn) and endpoint = $1 and id < $2 order by id limit $3
  ), gone as (
    delete from webhooks.attempts a using old where a.endpoint = old.endpoint and a.id = old.id returning 1
  )
  select (select mine from turn) as mine, (select count(*)::integer from gone) as gone`;

const runsOf = (table: string): string => `${table}_runs as (
    (select endpoint, run from webhooks.${table} order by endpoint, run limit 1)
    union all
    select n.endpoint, n.run
      from ${table}_runs r cross join lateral (
        select endpoint, run from webhooks.${table} t where (t.endpoint, t.run) > (r.endpoint, r.run)
         order by t.endpoint, t.run limit 1) n
  )`;
const neededBy = (table: string): string => `
    select n.position, n.pin
      from ${table}_runs r cross join span s cross join lateral (
        select position, pin from webhooks.${table} t
         where t.endpoint = r.endpoint and t.run = r.run and t.position between s.first and s.last) n`;

/** A page of them in the log's order, without those of which somebody is yet to have the event: sent again, they lie in `fresh`. */
const REMOVE_BODIES = `
  with recursive ${TURN}, page as materialized (
    select position, pin from webhooks.bodies
     where (select mine from turn) and (position, pin) > ($1, $2) order by position, pin limit $4
  ), span as materialized (
    select min(position) as first, max(position) as last, count(*)::integer as looked from page
  ), ${runsOf('fresh')}, ${runsOf('waiting')}, needed as materialized (
    ${neededBy('fresh')} union ${neededBy('waiting')}
  ), gone as (
    delete from webhooks.bodies b using page p
     where b.position = p.position and b.pin = p.pin and b.kept_at < $3
       and not exists (select from needed n where n.position = p.position and n.pin = p.pin)
    returning 1
  )
  select (select mine from turn) as mine, s.looked, s.last, (select max(pin) from page where position = s.last) as last_pin,
         (select recorded_at >= $3 from log.events where position = s.last) as is_young,
         (select count(*)::integer from gone) as gone
    from span s`;

interface Part {
  mine: boolean;
  gone: number;
}

interface BodiesPart extends Part {
  looked: number;
  last: number | null;
  last_pin: string | null;
  is_young: boolean | null;
}

/** Another process removes just now, or this one is to end. */
class NotNow extends Error {}

/**
 * Removes what is older than it is to be kept: attempts, and bodies that nobody is yet to have. A few rows a transaction, so that
 * nothing waits for it for long; a body that is wanted after all is made again.
 */
export class Retention {
  constructor(
    private readonly connection: Pick<Connection, 'query'>,
    private readonly atOnce = AT_ONCE,
  ) {}

  /** `before`: ms since 1970. Ends early where another process is at it. */
  async sweep(before: number, over: AbortSignal): Promise<void> {
    try {
      await this.removeAttempts(firstIdAt(before), over);
      await this.removeBodies(new Date(before), over);
    } catch (error) {
      if (!(error instanceof NotNow)) throw error;
    }
  }

  private async removeAttempts(before: Buffer, over: AbortSignal): Promise<void> {
    for (let endpoint: string | null = null; ; ) {
      const { rows }: { rows: { endpoint: string }[] } = await this.connection.query({
        name: 'next endpoint of attempts',
        text: `select endpoint from webhooks.attempts where endpoint > $1 order by endpoint limit 1`,
        values: [endpoint ?? '00000000-0000-0000-0000-000000000000'],
      });
      if (rows.length === 0) return;
      endpoint = rows[0]!.endpoint;
      await this.parts(
        { name: 'remove attempts', text: REMOVE_ATTEMPTS, values: [endpoint, before, this.atOnce] },
        over,
      );
    }
  }

  /** To the end of what was recorded before: no body is older than its event. */
  private async removeBodies(before: Date, over: AbortSignal): Promise<void> {
    for (let place: { last: number; last_pin: string } = { last: -1, last_pin: '' }; ; ) {
      const part: BodiesPart = await this.part<BodiesPart>(
        {
          name: 'remove bodies',
          text: REMOVE_BODIES,
          values: [place.last, place.last_pin, before, this.atOnce],
        },
        over,
      );
      const { looked, last, last_pin, is_young } = part;
      if (looked < this.atOnce || last === null || last_pin === null || is_young === true) return;
      place = { last, last_pin };
    }
  }

  private async parts(statement: { name: string; text: string; values: unknown[] }, over: AbortSignal): Promise<void> {
    while ((await this.part(statement, over)).gone === this.atOnce);
  }

  private async part<Row extends Part>(
    statement: { name: string; text: string; values: unknown[] },
    over: AbortSignal,
  ): Promise<Row> {
    const { rows } = await this.connection.query<Row & Record<string, unknown>>(statement);
    const part = rows[0]!;
    if (!part.mine || over.aborted) throw new NotNow();
    return part;
  }
}
