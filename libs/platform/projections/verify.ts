import { EMBEDDED_PARTITION } from '../event-log/postgres-event-log.js';
import type { BatchTarget } from './batch.js';
import { Cursor, type CursorRow } from './cursor.js';
import { DeadLetters, type LetterPlace } from './dead-letters.js';
import { type Places, sumOf } from './places.js';
import type { Projection } from './projection.js';
import { replay } from './replay.js';
import { atomically, inReplaySession, type ReplayOptions, type ReplaySession } from './replay-session.js';
import { ShadowTables } from './shadow-tables.js';
import { differenceOf, type TableDifference } from './table-difference.js';

export interface VerifyReport {
  /** The live rows are exactly what the log up to `position` gives. */
  equal: boolean;
  /** Positions that were looked at, of all partitions together. */
  position: number;
  events: number;
  /** Rows that the log gives. */
  rows: number;
  seconds: number;
  /** Tables that differ, and how. */
  differences: TableDifference[];
  /** Events that fail now and are not among the dead letters: the live rows hold them, and a rebuild would not. */
  failing: LetterPlace[];
}

const LITTLE_LEFT = 5000;
const MOST_ROUNDS = 50;
const MOST_TRIES = 5;

/** Where the live rows stood at one moment: up to these positions, without those that wait as dead letters. */
interface LivePlace {
  positions: Places;
  waiting: readonly LetterPlace[];
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
  /** Dead letters that were passed over, as texts. */
  private leftOut = new Set<string>();
  private failing: LetterPlace[] = [];
  private reached: Places = new Map();
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
    this.reached = new Map();
    this.events = 0;
  }

  private async catchUp(): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const place = await this.place();
      if (round > 0 && sumOf(place.positions) - sumOf(this.reached) <= LITTLE_LEFT) return;
      await this.replayTo(place, 'own transaction');
    }
  }

  /** Null when dead letters that were left out have been re-driven since, or the other way round. */
  private async compare(): Promise<Omit<VerifyReport, 'seconds'> | null> {
    const { client } = this.session;
    await client.query('begin isolation level repeatable read');
    try {
      const place = await this.place();
      const waiting = place.waiting.filter((letter) => this.isReached(letter)).map(nameOf);
      if (waiting.length !== this.leftOut.size || waiting.some((name) => !this.leftOut.has(name))) return null;
      const { onProgress } = this.options;
      const [position, end] = [sumOf(this.reached), sumOf(place.positions)];
      onProgress?.({ phase: 'compare', position, end, events: this.events });
      await this.replayTo(place, 'open transaction');
      const differences: TableDifference[] = [];
      for (const name of this.projection.tables) {
        const live = `${this.projection.service}.${name}`;
        const difference = await differenceOf(client, name, live, this.shadow.table(name));
        if (difference !== null) differences.push(difference);
      }
      const { events, failing } = this;
      const equal = differences.length === 0 && failing.length === 0;
      return { equal, position: end, events, rows: await this.shadow.rows(), differences, failing };
    } finally {
      await client.query('rollback');
    }
  }

  private async replayTo(place: LivePlace, inside: 'own transaction' | 'open transaction'): Promise<void> {
    const { source, partitions } = this.session;
    const end = sumOf(place.positions);
    const leftOut = new Set(place.waiting.map(nameOf));
    let reached = sumOf(this.reached);
    for (const partition of partitions) {
      const from = this.reached.get(partition.name) ?? 0;
      const upTo = place.positions.get(partition.name) ?? 0;
      const before = this.events;
      this.events += await replay(
        source,
        partition,
        this.target(partition.name, inside),
        from,
        upTo,
        ({ position, storePosition }) =>
          leftOut.has(nameOf({ partition: partition.name, position })) ||
          leftOut.has(nameOf({ partition: EMBEDDED_PARTITION, position: storePosition })),
        (position, events) =>
          this.options.onProgress?.({
            phase: 'replay',
            position: reached + position - from,
            end,
            events: before + events,
          }),
      );
      reached += Math.max(0, upTo - from);
    }
    const before = this.reached;
    this.reached = new Map(
      [...place.positions].map(([name, position]) => [name, Math.max(position, before.get(name) ?? 0)]),
    );
    for (const letter of place.waiting) if (this.isReached(letter)) this.leftOut.add(nameOf(letter));
  }

  /** What was set aside before the log moved is passed over wherever it lies now. */
  private isReached({ partition, position }: LetterPlace): boolean {
    const reached = this.reached.get(partition);
    return reached === undefined ? partition === EMBEDDED_PARTITION : position <= reached;
  }

  /** In the snapshot of the open transaction, if there is one. */
  private async place(): Promise<LivePlace> {
    const { client, partitions } = this.session;
    if (this.projection.inline) {
      const { rows } = await client.query<{ position: number }>(
        'select coalesce(max(position), 0) as position from log.events',
      );
      return { positions: new Map([[EMBEDDED_PARTITION, Number(rows[0]!.position)]]), waiting: [] };
    }
    // The letters first: without an open transaction, one that is added between the two reads is found by `compare`.
    const waiting = await client.query<LetterPlace>(new DeadLetters(this.projection).waiting({}));
    const cursors = await client.query<CursorRow>(Cursor.readAll(this.projection));
    const next = new Map(cursors.rows.map((row) => [row.partition, Number(row.next)]));
    return {
      positions: new Map(partitions.map(({ name }) => [name, (next.get(name) ?? 1) - 1])),
      waiting: waiting.rows.map(({ partition, position }) => ({ partition, position: Number(position) })),
    };
  }

  private target(partition: string, inside: 'own transaction' | 'open transaction'): BatchTarget {
    return {
      table: this.shadow.table,
      commit: (statements) => atomically(this.session.client, statements, inside),
      setAside: async ({ position }) => {
        this.failing.push({ partition, position });
      },
    };
  }
}

function nameOf({ partition, position }: LetterPlace): string {
  return `${partition} ${position}`;
}
