import { partitionName } from '../kafka/topics.js';
import { int4Array, int8Array, textArray } from '../postgres/binary-array.js';
import type { Connection, SqlStatement } from '../postgres/connection.js';

/** A partition as the checkpoint knows it. */
export interface PartitionMark {
  topic: string;
  partition: number;
  /** The offset after its last event's; 0 where it has none. What lies from here on came after the checkpoint. */
  end: number;
  /** The position of its last event; 0 where it has none. */
  lastPosition: number;
}

/** Where a store's events are carried to. */
export interface Destination {
  /** What the topics' names begin with. */
  prefix: string;
  /** Kafka's id of the cluster. */
  cluster: string;
}

export type RelayState = 'taking over' | 'relaying' | 'diverged' | 'away';

/** Another relay has taken over: nothing that this one knows may be written. */
export class TokenLostError extends Error {
  override name = 'TokenLostError';

  constructor() {
    super('Another relay has taken over.');
  }
}

const ACQUIRE = `
insert into log.relay (token, holder, lease_until, position, state)
values (1, $1, now() + $2 * interval '1 ms', 0, 'taking over')
on conflict (only_row) do update
   set token = relay.token + 1, holder = excluded.holder, lease_until = excluded.lease_until,
       state = 'taking over', reason = null, changed_at = now()
 where relay.lease_until < now() or relay.holder = excluded.holder or $3
    -- Written by a clock that was ahead.
    or relay.lease_until > now() + 10 * $2 * interval '1 ms'
returning token, position, producer_id::text as "producerId"`;

const FORGET = `
update log.relay
   set token = token + 1, position = 0, topic_prefix = null, cluster = null, lease_until = '-infinity', state = 'away',
       reason = $1, changed_at = now()`;

const MOVE = `
with moved as (
  update log.relay set position = $2, state = 'relaying', reason = null, lease_until = now() + $3 * interval '1 ms',
         changed_at = now()
   where token = $1 returning true
), marked as (
  insert into log.relay_partitions (topic, partition, end_offset, last_position)
  select * from unnest($4::text[], $5::integer[], $6::bigint[], $7::bigint[]) where exists (select from moved)
  on conflict (topic, partition) do update set end_offset = excluded.end_offset, last_position = excluded.last_position
)
-- A checkpoint that a crash of Postgres takes back costs the next relay a longer look, and this one no fsync.
select count(*) as moved, set_config('synchronous_commit', 'off', true) from moved`;

/**
 * One relay's turn: the token that it drew, and what was on Kafka by the checkpoint. Whatever it writes is written where
 * the token is still the last one that was drawn, and is refused with TokenLostError elsewhere.
 */
export class Turn {
  private constructor(
    private readonly connection: Connection,
    private readonly leaseMs: number,
    readonly token: number,
    /** Relayed through, when the turn began. */
    readonly position: number,
    /** By which Kafka knew the relay before; null where there was none. */
    readonly producerId: string | null,
    /** By `<topic>/<partition>`. */
    readonly marks: ReadonlyMap<string, PartitionMark>,
  ) {}

  /** Draws a new token; null while somebody else's lease runs, unless it is taken from them. */
  static async begin(
    connection: Connection,
    holder: string,
    leaseMs: number,
    { isForced = false } = {},
  ): Promise<Turn | null> {
    const { rows } = await connection.query<{ token: number; position: number; producerId: string | null }>({
      name: 'relay_acquire',
      text: ACQUIRE,
      values: [holder, leaseMs, isForced],
    });
    const drawn = rows[0];
    if (drawn === undefined) return null;
    // Read after the token was drawn: an earlier relay changes nothing from here on.
    const { rows: marks } = await connection.query<PartitionMark>({
      text: `select topic, partition, end_offset as "end", last_position as "lastPosition" from log.relay_partitions`,
    });
    return new Turn(
      connection,
      leaseMs,
      Number(drawn.token),
      Number(drawn.position),
      drawn.producerId,
      new Map(marks.map((mark) => [partitionName(mark), mark])),
    );
  }

  /** In a transaction of another session, which holds the others up until it ends. Throws TokenLostError. */
  async requireIn(query: (statement: SqlStatement) => Promise<{ rows: unknown[] }>): Promise<void> {
    const { rows } = await query({ text: 'select from log.relay where token = $1 for update', values: [this.token] });
    if (rows.length !== 1) throw new TokenLostError();
  }

  /** Notes where this turn carries the events to. Throws TokenLostError. */
  async carryTo({ prefix, cluster }: Destination, producerId: string): Promise<void> {
    await this.update('topic_prefix = $2, cluster = $3, producer_id = $4', [prefix, cluster, producerId]);
  }

  /** Every event up to `position` is on Kafka, and these partitions are as said. */
  async move(position: number, marks: readonly PartitionMark[]): Promise<void> {
    const { rows } = await this.connection.query<{ moved: number }>({
      name: 'relay_move',
      text: MOVE,
      values: [
        this.token,
        position,
        this.leaseMs,
        textArray(marks.map(({ topic }) => topic)),
        int4Array(marks.map(({ partition }) => partition)),
        int8Array(marks.map(({ end }) => end)),
        int8Array(marks.map(({ lastPosition }) => lastPosition)),
      ],
    });
    if (Number(rows[0]!.moved) !== 1) throw new TokenLostError();
  }

  async renew(): Promise<void> {
    await this.update(`lease_until = now() + $2 * interval '1 ms'`, [this.leaseMs]);
  }

  /** Says why nothing is relayed; the lease goes on. */
  async stopAt(state: RelayState, reason: string): Promise<void> {
    await this.update(`state = $2, reason = $3, lease_until = now() + $4 * interval '1 ms', changed_at = now()`, [
      state,
      reason,
      this.leaseMs,
    ]);
  }

  /** Ends the lease, so that the next relay need not wait for it to run out. */
  async end(reason: string): Promise<void> {
    await this.update(
      `lease_until = '-infinity', changed_at = now(),
      state = case when state = 'diverged' then state else 'away' end,
      reason = case when state = 'diverged' then reason else $2 end`,
      [reason],
    );
  }

  private async update(set: string, values: unknown[]): Promise<void> {
    const text = `update log.relay set ${set} where token = $1`;
    const { rowCount } = await this.connection.query({ text, values: [this.token, ...values] });
    if (rowCount !== 1) throw new TokenLostError();
  }
}

/**
 * The next relay compares all that Kafka holds with the store, and sends what is missing at the ends of its partitions;
 * to topics or a cluster that hold nothing yet, everything. In the caller's transaction.
 */
export async function forgetCheckpoint(query: (statement: SqlStatement) => Promise<unknown>): Promise<void> {
  await query({ text: FORGET, values: ['All is compared and sent again.'] });
  await query({ text: 'delete from log.relay_partitions' });
}
