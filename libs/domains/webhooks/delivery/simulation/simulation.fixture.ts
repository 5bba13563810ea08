import { seededRandom } from '../../../../platform/testing/seeded-random.js';
import { Dispatcher } from '../dispatcher.js';
import { type Due, LIVE, type Outcome } from '../due.js';
import type { LineOptions } from '../endpoint-line.js';
import { type Arrival, faultsOf } from './history-faults.fixture.js';
import { dueOf, keyOf, messageOf, SimulatedStore, Tables } from './simulated-store.fixture.js';
import { VirtualTime } from './virtual-time.fixture.js';

interface SimulatedEndpoint {
  id: string;
  options: LineOptions;
  streams: number;
  /** A part of its messages that it never takes, and one that it does not take at first. */
  poison: number;
  sick: number;
  /** Whether it is there, by the time. */
  outages: [from: number, to: number][];
  answersWithin: number;
  losesAnswers: number;
}

const PRODUCES_FOR_MS = 60_000;
const HEALED_BY_MS = 120_000;
/** After this everything must have ended. */
const GIVES_UP_AFTER_MS = 100 * 3_600_000;
const EXCHANGE_MS = 15_000;

/**
 * Processes that deliver one after the other, their store, their receivers and those who look after them, all of them as unlucky as the
 * seed says: kills, leases that are lost or handed over, writings whose answer nobody hears, receivers that are away, hang, refuse some
 * messages for ever, or take one and lose the answer, endpoints that are disabled, or begun anew. Nothing in it is by chance: a seed is
 * a history.
 */
export class Simulation {
  private readonly time = new VirtualTime();
  private readonly random: () => number;
  private readonly tables = new Tables();
  private readonly endpoints: SimulatedEndpoint[];
  private readonly arrivals: Arrival[] = [];
  private readonly due = new Set<string>();
  private readonly skipped = new Set<string>();
  /** When a row was gone for good. */
  private readonly goneAt = new Map<string, number>();
  private readonly faults: string[] = [];
  private life = 0;
  /** Lives that gave their leases away, with nothing left to write. */
  private readonly handedOver = new Set<number>();
  private isHandingOver = false;
  private dispatcher: Dispatcher<string> | null = null;
  private store: SimulatedStore | null = null;
  private readonly underWay = new Map<string, number>();
  private position = 0;
  /** Whether this process puts events among what is due, and in which of its lives it began to. */
  private leads = true;
  private ledIn = 0;
  private readonly isRough: boolean;

  constructor(readonly seed: number) {
    this.random = seededRandom(seed);
    this.isRough = this.random() < 0.7;
    this.endpoints = Array.from({ length: 1 + this.upTo(3) }, (_, i) => this.newEndpoint(`whe_${i}`));
  }

  /** What was wrong, by name; empty for a history as it should be. */
  async run(): Promise<string[]> {
    this.startProcess();
    this.produce();
    if (this.isRough) this.endLater();
    if (this.isRough) this.disturb();
    for (let at = 0; at < HEALED_BY_MS; at += 10_000) {
      await this.time.runUntil(at + 10_000);
      this.resumeAll(0.3);
    }
    this.heal();
    for (let at = HEALED_BY_MS; at < GIVES_UP_AFTER_MS && !this.tables.isEmpty(); at += 600_000) {
      this.resumeAll(1);
      await this.time.runUntil(at + 600_000);
    }
    const ordered = this.endpoints.filter(({ options }) => options.ordered).map(({ id }) => id);
    const { tables, arrivals, due, skipped, goneAt, handedOver } = this;
    return [...this.faults, ...faultsOf({ tables, arrivals, due, skipped, goneAt, handedOver, ordered })];
  }

  private newEndpoint(id: string): SimulatedEndpoint {
    const { random } = this;
    const outages: [number, number][] = [];
    for (let from = random() * 40_000; random() < 0.5 && from < HEALED_BY_MS; from += 20_000) {
      outages.push([from, from + random() * 30_000]);
    }
    const schedule = Array.from({ length: 1 + this.upTo(6) }, () => 1 + this.upTo(20));
    return {
      id,
      options: {
        enabled: true,
        ordered: random() < 0.6,
        concurrency: 1 + this.upTo(20),
        rate: random() < 0.3 ? 1 + this.upTo(50) : null,
        schedule,
      },
      streams: 1 + this.upTo(8),
      poison: random() < 0.3 ? random() * 0.1 : 0,
      sick: random() < 0.5 ? random() * 0.3 : 0,
      outages,
      answersWithin: random() < 0.1 ? 20_000 : 5 + random() * 300,
      losesAnswers: random() < 0.3 ? random() * 0.1 : 0,
    };
  }

  private upTo(n: number): number {
    return Math.floor(this.random() * n);
  }

  private startProcess(): void {
    const life = ++this.life;
    this.tables.token = life;
    const { time, random } = this;
    const store = new SimulatedStore(
      this.tables,
      time,
      {
        latency: () => random() * (this.isRough ? 20 : 3),
        trouble: () => {
          if (!this.isRough || time.now() > HEALED_BY_MS) return 'none';
          const luck = random();
          return luck < 0.02 ? 'refused' : luck < 0.04 ? 'lost' : 'none';
        },
      },
      life,
      (due, endpoint) => this.goneAt.set(keyOf({ endpoint, ...due }), time.now()),
    );
    const dispatcher: Dispatcher<string> = new Dispatcher<string>({
      store,
      clock: time,
      random,
      onTrouble: () => undefined,
      mayBeLate: () => life !== this.life,
      send: (endpoint, due) => this.exchange(endpoint, due, life),
    });
    this.store = store;
    this.dispatcher = dispatcher;
    for (const { id } of this.endpoints) this.begin(id);
  }

  private begin(id: string): void {
    const endpoint = this.endpointOf(id);
    void this.dispatcher!.begin({ endpoint: id, token: this.life }, () => endpoint.options);
  }

  private endpointOf(id: string): SimulatedEndpoint {
    return this.endpoints.find((one) => one.id === id)!;
  }

  /** Again and again, until all is to be well. */
  private endLater(): void {
    this.time.after(this.random() * 30_000, async () => {
      if (this.time.now() > HEALED_BY_MS) return;
      const luck = this.random();
      if (luck < 0.5) this.kill();
      else if (luck < 0.75) this.lose();
      else await this.handOver();
      this.time.after(this.dispatcher === null ? this.random() * 3000 : 0, () => {
        if (this.dispatcher === null) this.startProcess();
        this.endLater();
      });
    });
  }

  private kill(): void {
    this.store!.kill();
    for (const { id } of this.endpoints) this.dispatcher!.end(id);
    this.isOver();
  }

  /** The lease goes to another process, of which this one hears later, or by a writing that is refused. */
  private lose(): void {
    const { dispatcher, endpoints } = this;
    this.time.after(this.random() * 1500, () => {
      for (const { id } of endpoints) dispatcher!.end(id);
    });
    this.isOver();
    this.tables.token = this.life;
  }

  private isOver(): void {
    this.dispatcher = null;
    this.life++;
    for (const { id } of this.endpoints) this.underWay.delete(id);
  }

  /** Another process takes over at once what this one has finished. */
  private async handOver(): Promise<void> {
    const { dispatcher, life } = this;
    this.isHandingOver = true;
    await Promise.all(this.endpoints.map(({ id }) => dispatcher!.finish(id)));
    this.isHandingOver = false;
    this.handedOver.add(life);
    this.startProcess();
  }

  /** An endpoint is disabled and enabled again, or begun anew by the same process. */
  private disturb(): void {
    const { time } = this;
    time.after(this.random() * 20_000, async () => {
      if (time.now() > HEALED_BY_MS) return;
      const endpoint = this.endpoints[this.upTo(this.endpoints.length)]!;
      if (this.random() < 0.5) {
        this.enable(endpoint, false);
        time.after(this.random() * 5000, () => this.enable(endpoint, true));
      } else if (this.dispatcher !== null) {
        const { dispatcher, life } = this;
        await dispatcher.finish(endpoint.id);
        if (life === this.life && dispatcher === this.dispatcher && !this.isHandingOver) this.begin(endpoint.id);
      }
      this.disturb();
    });
  }

  private enable(endpoint: SimulatedEndpoint, enabled: boolean): void {
    endpoint.options = { ...endpoint.options, enabled };
    this.dispatcher?.configure(endpoint.id, endpoint.options);
  }

  /**
   * Events happen, and are put among what is due: by this process, which says so, or by another, which says so later. Who does
   * it changes.
   */
  private produce(): void {
    const { time } = this;
    const more = () => {
      if (time.now() > PRODUCES_FOR_MS) return;
      if (this.random() < 0.1) this.leads = !this.leads;
      if (this.leads && this.ledIn !== this.life) this.dispatcher?.hintAll(LIVE);
      this.ledIn = this.leads ? this.life : 0;
      for (const endpoint of this.endpoints) this.append(endpoint);
      time.after(this.random() ** 4 * 8000, more);
    };
    time.after(this.random() * 100, more);
  }

  private append({ id, streams }: SimulatedEndpoint): void {
    const rows: Due[] = [];
    const run = this.random() < 0.2 ? 1 : LIVE;
    const most = this.random() < 0.01 ? 200 : 4;
    for (let n = this.upTo(most); n >= 0; n--) {
      const row = { endpoint: id, run, position: ++this.position, lane: `conv_${this.upTo(streams)}` };
      this.tables.fresh.set(keyOf(row), row);
      this.due.add(keyOf(row));
      rows.push({ ...dueOf(row, 'fresh', 0), message: messageOf(row, this.time.now()) });
    }
    if (this.leads && run === LIVE) this.dispatcher?.offer(id, run, rows);
    else this.time.after(this.random() * 2000, () => this.dispatcher?.hintFresh(id, run));
  }

  private async exchange(endpoint: string, due: Due, life: number): Promise<{ answer: string; outcome: Outcome }> {
    const { time, random } = this;
    const receiver = this.endpointOf(endpoint);
    const { run, position, lane } = due;
    if (life !== this.life) this.faults.push(`${endpoint}: ${due.position} was sent under a lease that was lost`);
    if (life === this.life) {
      const count = (this.underWay.get(endpoint) ?? 0) + 1;
      this.underWay.set(endpoint, count);
      if (count > receiver.options.concurrency) this.faults.push(`${endpoint}: ${count} attempts at a time`);
    }
    const arrival: Arrival = { endpoint, run, position, lane, life, at: time.now(), isHeard: false };
    const isAway = receiver.outages.some(([from, to]) => from <= time.now() && time.now() < to);
    const hangs = isAway && random() < 0.3;
    if (!isAway || random() < 0.2) this.arrivals.push(arrival);
    await time.sleep(hangs ? EXCHANGE_MS : random() * Math.min(EXCHANGE_MS, receiver.answersWithin));
    if (life === this.life) this.underWay.set(endpoint, this.underWay.get(endpoint)! - 1);
    const isLost = random() < receiver.losesAnswers;
    const retryAfterMs = random() < 0.1 ? random() * 10_000 : null;
    const failed = (answered: boolean): { answer: string; outcome: Outcome } => ({
      answer: 'failed',
      outcome: { taken: false, answered, retryAfterMs, overloaded: answered && random() < 0.2 },
    });
    if (isAway || isLost) return failed(false);
    if (this.refuses(receiver, due)) return failed(true);
    arrival.isHeard = life === this.life;
    return { answer: 'taken', outcome: { taken: true } };
  }

  private refuses({ poison, sick }: SimulatedEndpoint, { position, attempts }: Due): boolean {
    const fate = seededRandom(position * 7919 + this.seed)();
    return fate < poison || (fate < poison + sick && attempts <= 3);
  }

  /** From now on nothing fails but what is never taken. */
  private heal(): void {
    for (const endpoint of this.endpoints) {
      endpoint.outages = [];
      endpoint.losesAnswers = 0;
      endpoint.sick = 0;
      if (this.random() < 0.5) endpoint.poison = 0;
      endpoint.answersWithin = 100;
    }
  }

  /** Somebody looks at the lanes that wait, and resumes them or skips what they wait for. */
  private resumeAll(part: number): void {
    for (const row of this.tables.waiting.values()) {
      if (row.state !== 'parked' || this.random() > part) continue;
      const key = keyOf(row);
      if (this.random() < 0.5) {
        row.state = 'retry';
        row.attempts = 0;
        row.dueAt = this.time.now();
      } else {
        this.tables.waiting.delete(key);
        this.skipped.add(key);
      }
    }
    for (const { id } of this.endpoints) void this.dispatcher?.hintWaiting(id);
  }
}
