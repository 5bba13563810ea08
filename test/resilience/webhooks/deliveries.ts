import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from '../checker.js';
import { JsonOverHttp } from '../json-over-http.js';
import type { Behaviour } from './arrival.js';
import { type Deafness, type DeliveryFigures, dueOf, type JudgedEndpoint, judgeDeliveries } from './delivery-judge.js';
import type { Sink } from './sink.js';
import { WebhookLog } from './webhook-log.js';

/** What servers need in order to reach the sink. */
export const SINK_ENV = { HEDDLE_WEBHOOK_HTTP: 'true', HEDDLE_WEBHOOK_NETWORKS: '127.0.0.2/32' };

/** An endpoint to be made. */
export interface EndpointWish {
  path: string;
  /** Of the URL, where it is not the sink's address. */
  host?: string;
  types: readonly string[];
  behaviour: Behaviour;
  ordered?: boolean;
  assignedOnly?: boolean;
  /** Seconds; left out: 50 times one. */
  retrySchedule?: readonly number[];
  /** Whether the waits between attempts are judged. */
  judgesWaits?: boolean;
}

const QUICK_SCHEDULE = Array.from({ length: 50 }, () => 1);
const DELIVERED_WITHIN_MS = 240_000;
const LOOK_MS = 500;
const MOVES_WITHIN_MS = 30_000;
/** For what should not come. */
const QUIET_MS = 3000;
/** How far clocks of one machine are apart, and how long a message may lie between its signature and its arrival, s. */
export const SAME_CLOCK_S = 16;

/** Endpoints that lead to the sink, and what came of them. */
export class Deliveries {
  readonly endpoints: JudgedEndpoint[] = [];
  readonly deafness: Deafness[] = [];
  figures: DeliveryFigures | null = null;
  private readonly client: JsonOverHttp;

  constructor(
    readonly sink: Sink,
    port: number,
    key: string,
    private readonly clockS = SAME_CLOCK_S,
  ) {
    this.client = new JsonOverHttp(port, key);
  }

  async make(wishes: readonly EndpointWish[]): Promise<void> {
    const secrets = new Map(wishes.map(({ path }) => [path, `whsec_${randomBytes(32).toString('base64')}`]));
    await this.sink.expect(
      Object.fromEntries(wishes.map(({ path, behaviour }) => [path, { secret: secrets.get(path)!, behaviour }])),
    );
    for (const wish of wishes) {
      const { path, host, types, ordered = false, assignedOnly = false, judgesWaits = false } = wish;
      const schedule = wish.retrySchedule ?? QUICK_SCHEDULE;
      const { id } = await this.client.must<{ id: string }>('POST', '/v1/webhook_endpoints', {
        url: this.sink.url(path, host),
        types,
        ordered,
        secret: secrets.get(path),
        retry_schedule: schedule,
        ...(assignedOnly ? { filter: ASSIGNED } : {}),
      });
      this.endpoints.push({ id, path, types, assignedOnly, ordered, waitsS: judgesWaits ? schedule : null });
    }
  }

  /** Resolves when something comes to the sink, or nothing does for a long time: a fault that strikes nothing shows nothing. */
  async moving(): Promise<void> {
    const came = async () => {
      const progress = await this.sink.progress();
      return Object.values(progress).reduce((sum, { arrivals }) => sum + arrivals, 0);
    };
    const giveUp = performance.now() + MOVES_WITHIN_MS;
    for (const before = await came(); (await came()) === before && performance.now() < giveUp; await sleep(5));
  }

  /** From now on, and for what was just answered, the process hears no answers; `to` is set at its end. */
  deaf(): Deafness {
    const deafness = { from: Date.now(), to: Number.POSITIVE_INFINITY };
    this.deafness.push(deafness);
    return deafness;
  }

  /** Waits until all that is due was taken, and judges all that came. */
  async judged(): Promise<Finding[]> {
    const log = new WebhookLog(this.client);
    const findings = await this.untilTaken(log);
    await sleep(QUIET_MS);
    await log.readOn();
    const { endpoints, deafness, clockS } = this;
    const report = await this.sink.report();
    const judged = judgeDeliveries({ endpoints, log: log.events, report, deafness, clockS });
    this.figures = judged.figures;
    return [...findings, ...judged.findings];
  }

  close(): void {
    this.client.close();
  }

  private async untilTaken(log: WebhookLog): Promise<Finding[]> {
    const began = performance.now();
    for (;;) {
      const isStill = (await log.readOn()) === 0;
      const progress = await this.sink.progress();
      const behind = this.endpoints.filter(
        (endpoint) => (progress[endpoint.path]?.taken ?? 0) < dueOf(endpoint, log.events).size,
      );
      if (isStill && behind.length === 0) return [];
      if (performance.now() - began > DELIVERED_WITHIN_MS) {
        const paths = behind.map(({ path }) => path).join(', ');
        return [{ kind: 'lost', what: `after ${DELIVERED_WITHIN_MS / 1000} s not all was taken at ${paths}` }];
      }
      await sleep(LOOK_MS);
    }
  }
}

const ASSIGNED = {
  and: [
    { field: 'channel', op: 'is', value: 'web' },
    { field: 'assignee', op: 'any' },
  ],
};

export function sentenceOf(name: string, figures: DeliveryFigures): string {
  const { due, arrivals, afterDeafness, afterLostAnswer, afterRefusal, longestUnheardMs } = figures;
  return `${name}: ${due} messages were due, ${arrivals} requests came; again after a process that could not hear the answer: ${afterDeafness} (answered up to ${Math.max(0, longestUnheardMs)} ms before), after an answer that was lost on the way: ${afterLostAnswer}, after one that was no 2xx: ${afterRefusal}`;
}
