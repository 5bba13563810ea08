import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Finding } from './checker.js';
import { JsonOverHttp } from './json-over-http.js';

const CLIENTS = 4;
const ROWS = 50;
const SUBJECTS = 20;
const GIVE_UP_MS = 60_000;

interface Outcome {
  status: string;
  event?: string;
}

/** Clients that tell of activities in batches without a break, and send a batch again until they have an answer. */
export class ActivityLoad {
  readonly #client: JsonOverHttp;
  readonly #run = crypto.randomUUID();
  readonly #batches: object[][] = [];
  /** The events of those that were acknowledged, by the sender's id. */
  readonly #acknowledged = new Map<string, string>();
  #stopped = false;
  #clients: Promise<void>[] = [];

  constructor(
    port: number,
    key: string,
    private readonly random: () => number,
  ) {
    this.#client = new JsonOverHttp(port, key);
  }

  get acknowledged(): number {
    return this.#acknowledged.size;
  }

  start(): void {
    this.#clients = Array.from({ length: CLIENTS }, async () => {
      while (!this.#stopped) await this.#tell(this.#batch());
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#clients);
  }

  /** Sends everything once more: what was acknowledged is known again as the same event, and nothing stands twice. */
  async judge(databaseUrl: string): Promise<Finding[]> {
    const findings: Finding[] = [];
    const before = new Map(this.#acknowledged);
    for (const batch of this.#batches) {
      const outcomes = await this.#tell(batch);
      outcomes.forEach(({ status, event }, i) => {
        const { id } = batch[i] as { id: string };
        const known = before.get(id);
        if (known === undefined) return;
        if (status !== 'duplicate')
          findings.push({ kind: 'lost', what: `the activity ${id} was acknowledged as ${known}` });
        else if (event !== known)
          findings.push({ kind: 'altered', what: `the activity ${id} is ${event}, not ${known}` });
      });
    }
    this.#client.close();
    return [...findings, ...(await this.#count(databaseUrl))];
  }

  async #count(databaseUrl: string): Promise<Finding[]> {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      const { rows } = await client.query<{ events: number; last: number }>(
        `select count(*)::integer as events, max(seq) as last from log.events
          where type = 'activity.recorded' group by stream`,
      );
      const findings: Finding[] = rows
        .filter(({ events, last }) => events !== last)
        .map(({ events, last }) => ({
          kind: 'hole',
          what: `a stream has ${events} activities, the last is number ${last}`,
        }));
      const stored = rows.reduce((sum, { events }) => sum + events, 0);
      const told = this.#batches.length * ROWS;
      if (stored > told)
        findings.push({ kind: 'twice', what: `${told} activities were told, and ${stored} are on the log` });
      if (stored < told)
        findings.push({ kind: 'lost', what: `${told} activities were told, and ${stored} are on the log` });
      return findings;
    } finally {
      await client.end();
    }
  }

  #batch(): object[] {
    const batch = Array.from({ length: ROWS }, (_, i) => ({
      id: `${this.#run}-${this.#batches.length}-${i}`,
      type: 'invoice.paid',
      subject: { customer: { external_id: `shop-${Math.floor(this.random() * SUBJECTS)}` } },
      data: { amount: i },
    }));
    this.#batches.push(batch);
    return batch;
  }

  async #tell(batch: object[]): Promise<Outcome[]> {
    const deadline = performance.now() + GIVE_UP_MS;
    while (performance.now() < deadline) {
      try {
        const answer = await this.#client.send('POST', '/v1/events', { events: batch });
        if (answer.status === 200) {
          const { data } = answer.body as { data: Outcome[] };
          for (const [i, { event }] of data.entries()) this.#acknowledged.set((batch[i] as { id: string }).id, event!);
          return data;
        }
        if (answer.status !== 503) throw new Error(`a batch of activities was answered ${answer.status}`);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('a batch')) throw error;
        // No answer: it may stand or not. The ids make trying again safe.
      }
      await sleep(20 + 80 * this.random());
    }
    throw new Error(`a batch of activities had no answer within ${GIVE_UP_MS / 1000} s`);
  }
}
