import type { BatchTarget } from './batch.js';
import { Cursor, type CursorRow } from './cursor.js';
import { DeadLetters } from './dead-letters.js';
import type { Projection } from './projection.js';
import { replay } from './replay.js';
import { atomically, inReplaySession, type ReplayOptions, type ReplaySession } from './replay-session.js';
import { ShadowTables } from './shadow-tables.js';
import { differenceOf, type TableDifference } from './table-difference.js';

export interface VerifyReport {
  /** The live rows are exactly what the log up to `position` gives. */
  equal: boolean;
  position: number;
  events: number;
  /** Rows that the log gives. */
  rows: number;
  seconds: number;
  /** Tables that differ, and how. */
  differences: TableDifference[];
  /** Positions that fail now and are not among the dead letters: the live rows hold them, and a rebuild would not. */
  failing: number[];
}

const LITTLE_LEFT = 5000;
const MOST_ROUNDS = 50;
const MOST_TRIES = 5;

/** Where the live rows stood at one moment: up to a position, without those that wait as dead letters. */
interface LivePlace {
  position: number;
  waiting: ReadonlySet<number>;
}

/**
 * Replays the log into tables beside the live ones and compares the two row by row, as they were at one moment:
 * cursor, dead letters and rows are read in one snapshot, and the replay is brought to exactly that place inside it.
 * Live traffic goes on. Throws where the cursor is beyond the log's end.
 */
export async function verify(adminUrl: string, projection: Projection, options: ReplayOptions): Promise<VerifyReport> {
  return inReplaySession(adminUrl, projection, options, (session) =>
    new Verification(projection, options, session).run(),
  );
}

class Verification {
  private readonly shadow: ShadowTables;
  private leftOut = new Set<number>();
  private failing: number[] = [];
  private reached = 0;
  private events = 0;

  constructor(
    private readonly projection: Projection,
    private readonly options: ReplayOptions,
    private readonly session: ReplaySession,
  ) {
    this.shadow = new ShadowTables(projection, session.client);
  }

  async run(): Promise<VerifyReport> {
    const begin = performance.now();
    await this.requireLiveTables();
    try {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        await this.startOver();
        await this.catchUp();
        const report = await this.compare();
        if (report !== null) return { ...report, seconds: (performance.now() - begin) / 1000 };
      }
    } finally {
      await this.shadow.drop();
    }
    throw new Error(`The dead letters of ${this.projection.name} changed during every try. Verify it when they rest.`);
  }

  private async requireLiveTables(): Promise<void> {
    const { service, tables } = this.projection;
    for (const name of tables) {
      const { rows } = await this.session.client.query<{ gone: boolean }>('select to_regclass($1) is null as gone', [
        `${service}.${name}`,
      ]);
      if (rows[0]!.gone) throw new Error(`${service}.${name} does not exist. Rebuild ${this.projection.name}.`);
    }
  }

  private async startOver(): Promise<void> {
    await this.shadow.create();
    this.leftOut = new Set();
    this.failing = [];
    this.reached = 0;
    this.events = 0;
  }

  private async catchUp(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const place = await this.place();
      if (round > 0 && place.position - this.reached <= LITTLE_LEFT) return;
      await this.replayTo(place, 'own transaction');
    }
  }

  /** Null when dead letters that were left out have been re-driven since, or the other way round. */
  private async compare(): Promise<Omit<VerifyReport, 'seconds'> | null> {
    const { client } = this.session;
    await client.query('begin isolation level repeatable read');
    try {
      const place = await this.place();
      const waiting = [...place.waiting].filter((position) => position <= this.reached);
      if (waiting.length !== this.leftOut.size || waiting.some((position) => !this.leftOut.has(position))) return null;
      const { onProgress } = this.options;
      onProgress?.({ phase: 'compare', position: this.reached, end: place.position, events: this.events });
      await this.replayTo(place, 'open transaction');
      const differences: TableDifference[] = [];
      for (const name of this.projection.tables) {
        const live = `${this.projection.service}.${name}`;
        const difference = await differenceOf(client, name, live, this.shadow.table(name));
        if (difference !== null) differences.push(difference);
      }
      const { events, failing } = this;
      const equal = differences.length === 0 && failing.length === 0;
      return { equal, position: place.position, events, rows: await this.shadow.rows(), differences, failing };
    } finally {
      await client.query('rollback');
    }
  }

  private async replayTo(place: LivePlace, inside: 'own transaction' | 'open transaction'): Promise<void> {
    const { position: end, waiting } = place;
    const before = this.events;
    this.events += await replay(
      this.session.source,
      this.target(inside),
      this.reached,
      end,
      waiting,
      (position, events) => this.options.onProgress?.({ phase: 'replay', position, end, events: before + events }),
    );
    for (const position of waiting) if (position > this.reached && position <= end) this.leftOut.add(position);
    this.reached = Math.max(this.reached, end);
  }

  /** In the snapshot of the open transaction, if there is one. */
  private async place(): Promise<LivePlace> {
    const { client } = this.session;
    if (this.projection.inline) {
      const { rows } = await client.query<{ position: number }>(
        'select coalesce(max(position), 0) as position from log.events',
      );
      return { position: Number(rows[0]!.position), waiting: new Set() };
    }
    // The letters first: without an open transaction, one that is added between the two reads is found by `compare`.
    const waiting = await client.query<{ position: number }>(new DeadLetters(this.projection).waiting());
    const cursor = await client.query(new Cursor(this.projection).read());
    const row = cursor.rows[0] as CursorRow | undefined;
    return {
      position: row === undefined ? 0 : Number(row.next) - 1,
      waiting: new Set(waiting.rows.map(({ position }) => Number(position))),
    };
  }

  private target(inside: 'own transaction' | 'open transaction'): BatchTarget {
    return {
      table: this.shadow.table,
      commit: (statements) => atomically(this.session.client, statements, inside),
      setAside: async (position) => {
        this.failing.push(position);
      },
    };
  }
}
