import { randomInt } from 'node:crypto';
import type { Connection } from '../../../platform/postgres/connection.js';
import { SHARDS } from './shard.js';

const EVERY_MS = 1000;
/**
 * Leases that were not renewed between so many looks may be taken, even from a process that seems to live. Looks, and no time: whoever was
 * stopped itself has seen nothing meanwhile.
 */
const LASTS_LOOKS = 30;
/** Not renewed for this long, a lease is not relied upon: what is sent then has ended before another may take it. */
const RELIED_UPON_MS = 10_000;

export interface LeaseListener {
  taken(shards: readonly number[]): void;
  /** Somebody else's already: what is under way for them cannot be written. */
  lost(shards: readonly number[]): void;
  /** To be another's: resolves when nothing is under way for them any more. */
  released(shards: readonly number[]): Promise<void>;
  /** What is held, is held for certain. */
  renewed(): void;
  onTrouble(error: unknown): void;
}

interface ShardRow {
  shard: number;
  token: number;
  is_share: boolean;
}

interface OwnerRow {
  owner: string;
  renewed_at: string;
}

/**
 * Which shards this process delivers for. A process says that it lives by an advisory lock of its session, so that another one takes
 * over soon after it is killed: where the lock is missing twice, for a session that was cut off comes again sooner than that, and whose
 * session is cut off relies on nothing. It says so by a row that it renews as well, for one that hangs. What an owner writes shows its
 * token, which the next owner's taking makes invalid. Processes share the shards by their number, in the order of their names.
 */
export class ShardLeases {
  private readonly owner = randomInt(1, 2 ** 47);
  /** Tokens by shard. */
  private readonly held = new Map<number, number>();
  /** Held until what is under way for them has ended; nothing is begun for them any more. */
  private readonly leaving = new Set<number>();
  private renewedAt = Number.NEGATIVE_INFINITY;
  /** Other processes that had their lock when this one looked last: what their rows said, and in how many looks. */
  private others = new Map<string, { renewedAt: string; looks: number }>();
  /** Whether another process delivers, too; true where that is not known. */
  hasOthers = true;
  private clock: NodeJS.Timeout | undefined;
  private looking: Promise<void> | null = null;
  private closed = false;

  /** The connection's session holds the lock, and is used by nothing else. */
  constructor(
    private readonly connection: Connection,
    private readonly listener: LeaseListener,
  ) {}

  start(): void {
    this.clock = setInterval(() => void this.look(), EVERY_MS);
    this.connection.query({ text: FORGET_OWNERS }).catch((error: unknown) => this.listener.onTrouble(error));
    void this.look();
  }

  /** The session is a new one: it holds no lock yet, and another process may have seen so. */
  sessionBegan(): void {
    this.renewedAt = Number.NEGATIVE_INFINITY;
  }

  /** The token of a shard; null where it is not this process's. */
  tokenOf(shard: number): number | null {
    return this.held.get(shard) ?? null;
  }

  /** Whether something may be begun for a shard. */
  has(shard: number): boolean {
    return this.held.has(shard) && !this.leaving.has(shard);
  }

  /** Whether another process may have taken what this one seems to hold: it was stopped, or could not renew. */
  get mayBeLate(): boolean {
    return !this.connection.isUp || performance.now() - this.renewedAt > RELIED_UPON_MS;
  }

  shards(): number[] {
    return [...this.held.keys()];
  }

  /** Looks at once: a writing was refused. */
  look(): Promise<void> {
    this.looking ??= this.renew()
      // What is held stays so until the store says that it is another's: nothing is sent meanwhile.
      .catch((error: unknown) => this.listener.onTrouble(error))
      .finally(() => {
        this.looking = null;
      });
    return this.looking;
  }

  /** Gives them back, so that another process need not wait. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.clock);
    await this.looking;
    await this.listener.released([...this.held.keys()]);
    await this.connection
      .transaction([{ text: GIVE_ALL, values: [this.owner] }, { text: LEAVE, values: [this.owner] }, { text: UNLOCK }])
      .catch(() => undefined);
    this.held.clear();
    this.leaving.clear();
  }

  private async renew(): Promise<void> {
    if (this.closed) return;
    const began = performance.now();
    const hung = [...this.others].filter(([, { looks }]) => looks > LASTS_LOOKS).map(([owner]) => owner);
    const trusted = [...this.others.keys()].filter((owner) => !hung.includes(owner));
    // In this order; and where one fails, somebody hears of all.
    const [, { rows }, { rows: owners }] = await Promise.all([
      this.connection.query({ name: 'lock owner', text: LOCK, values: [this.owner] }),
      this.connection.query<ShardRow>({
        name: 'renew shards',
        text: RENEW,
        values: [this.owner, SHARDS, hung, trusted],
      }),
      this.connection.query<OwnerRow>({ name: 'owners', text: OWNERS, values: [this.owner] }),
    ]);
    if (this.closed) return;
    this.renewedAt = began;
    this.saw(owners);
    const now = new Map(rows.map(({ shard, token }) => [shard, Number(token)]));
    const lost = [...this.held].filter(([shard, token]) => now.get(shard) !== token).map(([shard]) => shard);
    for (const shard of lost) this.forget(shard);
    if (lost.length > 0) this.listener.lost(lost);
    const taken = rows.filter(({ shard, is_share }) => is_share && !this.held.has(shard));
    for (const { shard, token } of taken) this.held.set(shard, Number(token));
    if (taken.length > 0) this.listener.taken(taken.map(({ shard }) => shard));
    this.listener.renewed();
    const excess = rows.filter(({ shard, is_share }) => !is_share && !this.leaving.has(shard));
    // Not waited for: until the slowest receiver has answered, leases are to be renewed.
    if (excess.length > 0) {
      void this.giveBack(excess).catch((error: unknown) => {
        if (!this.closed) this.listener.onTrouble(error);
      });
    }
  }

  private async giveBack(rows: readonly ShardRow[]): Promise<void> {
    const tokens = new Map(rows.map(({ shard, token }) => [shard, Number(token)]));
    for (const shard of tokens.keys()) this.leaving.add(shard);
    await this.listener.released([...tokens.keys()]);
    const values = [this.owner, [...tokens.keys()], [...tokens.values()]];
    await this.connection.query({ name: 'give shards back', text: GIVE_BACK, values }).finally(() => {
      for (const [shard, token] of tokens) {
        // Those that were lost meanwhile may be held anew.
        if ((this.held.get(shard) ?? token) === token) this.forget(shard);
      }
    });
  }

  private saw(owners: readonly OwnerRow[]): void {
    const before = this.others;
    this.others = new Map(
      owners.map(({ owner, renewed_at }) => {
        const known = before.get(owner);
        return [owner, { renewedAt: renewed_at, looks: known?.renewedAt === renewed_at ? known.looks + 1 : 1 }];
      }),
    );
    this.hasOthers = owners.length > 0;
  }

  private forget(shard: number): void {
    this.held.delete(shard);
    this.leaving.delete(shard);
  }
}

/** The lock of an owner ($1), which its session takes once: 4852 and the owner's number. */
const LOCK = `
select pg_try_advisory_lock(4852::bigint << 48 | $1::bigint)
 where not exists (select from pg_locks
                    where locktype = 'advisory' and pid = pg_backend_pid() and granted
                      and (classid::bigint << 32 | objid::bigint) = (4852::bigint << 48 | $1::bigint))`;

/** The owners whose sessions have their lock. */
const LOCKERS = `
  select (l.classid::bigint << 32 | l.objid::bigint) & ((1::bigint << 48) - 1) as owner
    from pg_locks l
   where l.locktype = 'advisory' and l.objsubid = 1 and l.granted
     and l.database = (select oid from pg_database where datname = current_database())
     and l.classid::bigint >> 16 = 4852`;

/** Those but one ($1), and what their rows say. */
const OWNERS = `
select l.owner::text as owner, coalesce(o.renewed_at::text, '') as renewed_at
  from (${LOCKERS}) l left join webhooks.owners o on o.owner = l.owner
 where l.owner <> $1::bigint`;

/**
 * Says that the owner ($1) lives, shares out the shards ($2 of them) among all who do, of whom some ($3) do not count though
 * they have their lock, and some ($4) count though they have none, unless they left. Takes what is free of its share, and
 * returns all that it has, with those that are another's share by now.
 */
const RENEW = `
with renewed as (
  insert into webhooks.owners (owner, renewed_at) values ($1, clock_timestamp())
  on conflict (owner) do update set renewed_at = excluded.renewed_at
), alive as materialized (
  select $1::bigint as owner
   union
  select owner from (${LOCKERS}) l where owner <> all ($3::bigint[])
   union
  select owner from webhooks.owners where owner = any ($4::bigint[])
), share as materialized (
  select shard from generate_series(0, $2::integer - 1) shard
   where shard % (select count(*) from alive) = (select count(*) from alive where owner < $1::bigint)
), taken as (
  update webhooks.shards s set owner = $1, token = s.token + 1
   where s.shard in (select shard from share) and s.owner is distinct from $1::bigint
     and (s.owner is null or not exists (select from alive a where a.owner = s.owner))
  returning s.shard, s.token
)
select shard, token, true as is_share from taken
union all
select s.shard, s.token, s.shard in (select shard from share)
  from webhooks.shards s where s.owner = $1::bigint`;

const GIVE_BACK = `
update webhooks.shards s set owner = null, token = s.token + 1
  from unnest($2::smallint[], $3::bigint[]) g(shard, token)
 where s.owner = $1 and s.shard = g.shard and s.token = g.token`;

const GIVE_ALL = 'update webhooks.shards set owner = null, token = token + 1 where owner = $1';
const LEAVE = 'delete from webhooks.owners where owner = $1';
const UNLOCK = 'select pg_advisory_unlock_all()';
/** Those that were killed. */
const FORGET_OWNERS = `delete from webhooks.owners where renewed_at < clock_timestamp() - interval '1 day'`;
