import type pg from 'pg';
import { TAKE_APPEND_LOCK } from '../event-store/append-lock.js';
import type { BatchTarget } from './batch.js';
import { ATTEMPTS } from './batch.js';
import { Cursor } from './cursor.js';
import { type DeadLetter, DeadLetters } from './dead-letters.js';
import { endsOf, type Places, sumOf } from './places.js';
import type { Projection } from './projection.js';
import { replay } from './replay.js';
import { atomically, inReplaySession, type ReplayOptions, type ReplaySession } from './replay-session.js';
import { ShadowTables } from './shadow-tables.js';

export interface RebuildResult {
  /** Events that were applied. */
  events: number;
  /** Rows of the new tables. */
  rows: number;
  /** From the first read to the swap's commit. */
  seconds: number;
}

/** The swap stands in the way of followers or appends while it catches up: this much takes some 10 ms. */
const LITTLE_LEFT = 500;
const MOST_ROUNDS = 50;
/** How long the swap may make readers wait in one try, and how long it goes on trying; ms. */
const LOCK_TIMEOUT_MS = 100;
const SWAP_WITHIN_MS = 60_000;
/** 55P03 lock timeout, 40P01 deadlock. */
const LOCKED = /^(55P03|40P01)$/;

/**
 * Replays the log into tables beside the live ones and puts them in place in one transaction: for a followed
 * projection together with its cursor, for an inline one under the store's append lock. The live ones serve
 * meanwhile, also when this ends at any point; what it leaves behind is removed by the next one.
 *
 * `adminUrl` is a role that may make schemas and owns the service's tables. Throws when the readers of the live
 * tables leave no gap for a minute, and, inline, at an event that cannot be applied.
 */
export async function rebuild(
  adminUrl: string,
  projection: Projection,
  options: ReplayOptions,
): Promise<RebuildResult> {
  return inReplaySession(adminUrl, projection, options, (session) => new Rebuild(projection, options, session).run());
}

class Rebuild {
  private readonly shadow: ShadowTables;
  private dead: DeadLetter[] = [];
  /** By partition. */
  private reached: Places = new Map();
  private events = 0;

  constructor(
    private readonly projection: Projection,
    private readonly options: ReplayOptions,
    private readonly session: ReplaySession,
  ) {
    this.shadow = new ShadowTables(projection, session.client);
  }

  async run(): Promise<RebuildResult> {
    const begin = performance.now();
    await this.shadow.create();
    try {
      await this.catchUp();
      await this.shadow.analyze();
      await this.catchUp();
      await this.swap();
    } catch (error) {
      await this.shadow.drop().catch(() => undefined);
      throw error;
    }
    const seconds = (performance.now() - begin) / 1000;
    await this.shadow.drop();
    return { events: this.events - this.dead.length, rows: await this.liveRows(), seconds };
  }

  private async catchUp(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const ends = await endsOf(this.session.partitions);
      if (sumOf(ends) - sumOf(this.reached) <= LITTLE_LEFT) return;
      this.events += await this.replayTo(ends, 'own transaction', this.dead);
      this.reached = ends;
    }
  }

  /** Returns how many events there were. */
  private async replayTo(
    ends: Places,
    inside: 'own transaction' | 'open transaction',
    dead: DeadLetter[],
  ): Promise<number> {
    const { source, partitions } = this.session;
    const end = sumOf(ends);
    let before = sumOf(this.reached);
    let events = 0;
    for (const partition of partitions) {
      const from = this.reached.get(partition.name) ?? 0;
      const upTo = ends.get(partition.name)!;
      const counted = events;
      const onPage = (position: number, more: number) =>
        this.progress('replay', before + position - from, end, this.events + counted + more);
      const target = this.target(partition.name, inside, dead);
      events += await replay(source, partition, target, from, upTo, undefined, onPage);
      before += upTo - from;
    }
    return events;
  }

  private async swap(): Promise<void> {
    for (const giveUpAt = Date.now() + SWAP_WITHIN_MS; ; ) {
      try {
        return await this.trySwap();
      } catch (error) {
        await this.session.client.query('rollback');
        if (!LOCKED.test((error as { code?: string }).code ?? '')) throw error;
        if (Date.now() > giveUpAt) {
          throw new Error(
            `Readers of ${this.projection.name} left no gap for its rebuilt tables in a minute. Try again.`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, LOCK_TIMEOUT_MS));
      }
    }
  }

  private async trySwap(): Promise<void> {
    const { client, partitions } = this.session;
    const cursors = partitions.map(({ name }) => ({ name, cursor: new Cursor(this.projection, name) }));
    const dead = [...this.dead];
    if (!this.projection.inline) {
      const names = partitions.map(({ name }) => name);
      await client.query(Cursor.ensureAll(this.projection, names));
    }
    await client.query('begin');
    await client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('set local synchronous_commit = on');
    if (this.projection.inline) await client.query(TAKE_APPEND_LOCK);
    else for (const { cursor } of cursors) await client.query(cursor.lock());
    const ends = await endsOf(partitions);
    this.progress('swap', sumOf(this.reached), sumOf(ends), this.events);
    const events = await this.replayTo(ends, 'open transaction', dead);
    await this.shadow.swap();
    if (!this.projection.inline) {
      for (const { name, cursor } of cursors) await client.query(cursor.moveToRebuilt(ends.get(name)! + 1));
      await this.settleLetters(client, ends, dead);
    }
    await client.query('commit');
    this.dead = dead;
    this.events += events;
  }

  private async settleLetters(client: pg.Client, ends: Places, dead: readonly DeadLetter[]): Promise<void> {
    const letters = new DeadLetters(this.projection);
    await client.query(letters.settleElsewhere([...ends.keys()]));
    for (const [name, end] of ends) {
      const stillDead = dead.filter(({ partition }) => partition === name).map(({ position }) => position);
      await client.query(letters.settle(name, end, stillDead));
    }
    for (const letter of dead) await client.query(letters.add(letter));
  }

  private target(partition: string, inside: 'own transaction' | 'open transaction', dead: DeadLetter[]): BatchTarget {
    return {
      table: this.shadow.table,
      commit: (statements) => atomically(this.session.client, statements, inside),
      setAside: async ({ position }, event, cause) => {
        if (this.projection.inline) {
          throw new Error(`${this.projection.name} cannot be rebuilt: the event at ${position} fails. ${cause}`);
        }
        const eventId = event?.meta.id ?? null;
        dead.push({ partition, position, eventId, type: event?.type ?? null, cause, attempts: ATTEMPTS });
      },
    };
  }

  private async liveRows(): Promise<number> {
    let rows = 0;
    for (const name of this.projection.tables) {
      const counted = await this.session.client.query<{ rows: number }>(
        `select count(*) as rows from ${this.projection.service}.${name}`,
      );
      rows += Number(counted.rows[0]!.rows);
    }
    return rows;
  }

  private progress(phase: 'replay' | 'swap', position: number, end: number, events: number): void {
    this.options.onProgress?.({ phase, position, end, events });
  }
}
