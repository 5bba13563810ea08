import { type Attempt, type DeliveryStore, LeaseLost } from '../delivery-store.js';
import { type Change, type Due, type Load, type Message, newDue, type Retry } from '../due.js';
import type { Backlog } from '../endpoint-line.js';
import type { WaitingLane } from '../lanes.js';
import type { VirtualTime } from './virtual-time.fixture.js';

export interface FreshRow {
  endpoint: string;
  run: number;
  position: number;
  lane: string;
}

export interface WaitingRow extends FreshRow {
  attempts: number;
  state: 'retry' | 'behind' | 'parked' | 'given_up';
  dueAt: number;
}

/** The tables as Postgres keeps them: what was committed, whoever is killed. */
export class Tables {
  readonly fresh = new Map<string, FreshRow>();
  readonly waiting = new Map<string, WaitingRow>();
  /** The fencing token of the one lease. */
  token = 0;
  /** Attempts that were written, of each row. */
  readonly attempts = new Map<string, number>();

  isEmpty(): boolean {
    return this.fresh.size === 0 && [...this.waiting.values()].every(({ state }) => state === 'given_up');
  }
}

export interface StoreTroubles {
  /** How long an answer takes, ms. */
  latency(): number;
  /** What goes wrong with a statement; a writing that is `lost` took effect, and nobody heard so. */
  trouble(): 'none' | 'refused' | 'lost';
}

/** The store of one process: it ends with it, and its lease may end before. */
export class SimulatedStore implements DeliveryStore<string> {
  private isGone = false;

  constructor(
    private readonly tables: Tables,
    private readonly time: VirtualTime,
    private readonly troubles: StoreTroubles,
    private readonly token: number,
    private readonly onGone: (due: Due, endpoint: string) => void,
  ) {}

  /** The process was killed: what it has asked for may still take effect, and nobody hears of it. */
  kill(): void {
    this.isGone = true;
  }

  async backlog(endpoint: string): Promise<Backlog> {
    return this.read(() => {
      const runs = new Set<number>();
      for (const row of this.tables.fresh.values()) if (row.endpoint === endpoint) runs.add(row.run);
      const hasRetries = this.waitingOf(endpoint).some(({ state }) => state === 'retry');
      return { runs: [...runs], hasRetries, lanes: this.lanesOf(endpoint) };
    });
  }

  fresh(endpoint: string, { run, after, limit }: Extract<Load, { kind: 'fresh' }>): Promise<Due[]> {
    return this.read(() =>
      [...this.tables.fresh.values()]
        .filter((row) => row.endpoint === endpoint && row.run === run && row.position > after)
        .sort((a, b) => a.position - b.position)
        .slice(0, limit)
        .map((row) => dueOf(row, 'fresh', 0)),
    );
  }

  retries(endpoint: string, { limit }: Extract<Load, { kind: 'retries' }>): Promise<Retry[]> {
    return this.read(() =>
      this.waitingOf(endpoint)
        .filter(({ state }) => state === 'retry')
        .sort((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit)
        .map((row) => ({ due: dueOf(row, 'waiting', row.attempts), at: row.dueAt })),
    );
  }

  lane(endpoint: string, { run, lane, limit }: Extract<Load, { kind: 'lane' }>): Promise<Due[]> {
    return this.read(() =>
      this.waitingOf(endpoint)
        .filter((row) => row.run === run && row.lane === lane && row.state === 'behind')
        .sort((a, b) => a.position - b.position)
        .slice(0, limit)
        .map((row) => dueOf(row, 'waiting', row.attempts)),
    );
  }

  waitingLanes(endpoint: string): Promise<WaitingLane[]> {
    return this.read(() => this.lanesOf(endpoint));
  }

  readMessages(dues: readonly Due[]): Promise<void> {
    return this.read(() => {
      for (const due of dues) if (this.troubles.latency() > 0.1) due.message = messageOf(due, this.time.now());
    });
  }

  async commit(changes: readonly Change[], attempts: readonly Attempt<string>[]): Promise<void> {
    // It is on its way from now on, whatever becomes of who asked.
    const written = changes.map((change) => ({ ...change }));
    const trouble = this.troubles.trouble();
    const isKilled = this.isGone;
    await this.time.sleep(this.troubles.latency());
    if (isKilled || trouble === 'refused') return this.unanswered();
    if (this.tables.token !== this.token) {
      await this.time.sleep(this.troubles.latency());
      if (this.isGone) return this.unanswered();
      throw new LeaseLost(written.map(({ lease }) => lease));
    }
    for (const change of written) this.apply(change);
    for (const { endpoint, due, number } of attempts) this.tables.attempts.set(keyOf({ endpoint, ...due }), number);
    await this.time.sleep(this.troubles.latency());
    if (this.isGone || trouble === 'lost') return this.unanswered();
  }

  private apply({ endpoint, due, to, inMs }: Change): void {
    const { fresh, waiting } = this.tables;
    const { run, position, lane, attempts } = due;
    const key = keyOf({ endpoint, run, position });
    fresh.delete(key);
    if (to === 'gone') {
      waiting.delete(key);
      this.onGone(due, endpoint);
      return;
    }
    waiting.set(key, { endpoint, run, position, lane, attempts, state: to, dueAt: this.time.now() + inMs });
  }

  private async read<T>(rows: () => T): Promise<T> {
    const trouble = this.troubles.trouble();
    await this.time.sleep(this.troubles.latency());
    const found = rows();
    await this.time.sleep(this.troubles.latency());
    if (this.isGone || trouble !== 'none') return this.unanswered();
    return found;
  }

  private unanswered(): Promise<never> {
    // Whoever was killed hears nothing at all.
    if (this.isGone) return new Promise(() => undefined);
    throw new Error('The store is away.');
  }

  private waitingOf(endpoint: string): WaitingRow[] {
    return [...this.tables.waiting.values()].filter((row) => row.endpoint === endpoint);
  }

  private lanesOf(endpoint: string): WaitingLane[] {
    const lanes = new Map<string, WaitingLane>();
    for (const { run, lane, state } of this.waitingOf(endpoint)) {
      if (state === 'given_up') continue;
      const key = `${run} ${lane}`;
      if (state === 'retry') lanes.set(key, { run, lane, state: 'blocked' });
      else if (state === 'parked') lanes.set(key, { run, lane, state: 'parked' });
      else if (!lanes.has(key)) lanes.set(key, { run, lane, state: 'draining' });
    }
    return [...lanes.values()];
  }
}

export function keyOf({ endpoint, run, position }: { endpoint: string; run: number; position: number }): string {
  return `${endpoint} ${run} ${position}`;
}

export function messageOf({ position, lane }: Pick<Due, 'position' | 'lane'>, readAt: number): Message {
  return {
    id: `evt_${position}`,
    type: 'message.created',
    stream: lane,
    body: Buffer.alloc(0),
    people: [],
    isKept: false,
    readAt,
  };
}

export function dueOf(row: FreshRow, table: Due['table'], attempts: number): Due {
  return newDue({ ...row, pin: '' }, table, attempts);
}
