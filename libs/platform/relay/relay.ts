import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaConfig } from 'kafkajs';
import type { Logger } from 'pino';
import type { EventSchema } from '../../contract/event-schema.js';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { partitionName, type TopicPartitions, Topics } from '../kafka/topics.js';
import { Connection } from '../postgres/connection.js';
import { WakeUp } from '../projections/wake-up.js';
import { StartupError } from '../settings/startup-error.js';
import { CheckpointWriter } from './checkpoint-writer.js';
import { DivergedError } from './diverged-error.js';
import { confirmEpoch, lastEpoch } from './epoch-confirmation.js';
import { FencedProducer, ProducerGoneError } from './fenced-producer.js';
import { Lease } from './lease.js';
import { makePage } from './page.js';
import type { StrangeRecords } from './partition-tail.js';
import { RecordMaker } from './record-maker.js';
import { recover } from './recovery.js';
import type { Registry } from './registry-binding.js';
import { type RelayLag, readLag } from './relay-lag.js';
import { RelayPreparation } from './relay-preparation.js';
import { type PartitionMark, TokenLostError, Turn } from './turn.js';

export interface RelayOptions {
  /** The store's Postgres; sessions take on the role heddle_relay. */
  databaseUrl: string;
  kafka: KafkaConfig;
  registry: Registry;
  log: Logger;
  /** What the topics' names begin with; `heddle` where it is left out. */
  topicPrefix?: string;
  /** Replicas of topics that are made; null: one a broker, and three at most. */
  replication?: number | null;
  /** How long others leave a relay alone that says nothing; ms. */
  leaseMs?: number;
  /** How often is looked, unasked, for what is new; ms. */
  pollMs?: number;
  /** How often the fence is renewed, ms: a broker forgets a producer after a day without its records. */
  fenceMs?: number;
  /** How often a relay that found two histories looks again, ms. */
  lookAgainMs?: number;
  contract?: readonly EventSchema[];
}

/**
 * - `standby`: another relay has the lease.
 * - `taking over`: shutting the others out, and looking at what arrived.
 * - `relaying`, `idle`: events are being sent; there are none to send.
 * - `waiting`: Kafka, Postgres or the registry is away, or the producer is gone; it tries again.
 * - `diverged`: Kafka and the store tell different histories; nothing is sent until they have been reconciled.
 * - `refused`: a setting is wrong; nothing is sent until it is put right.
 */
export type RelayActivity =
  | 'standby'
  | 'taking over'
  | 'relaying'
  | 'idle'
  | 'waiting'
  | 'diverged'
  | 'refused'
  | 'closed';

export interface RelayStatus extends RelayLag {
  state: RelayActivity;
  /** Why it does not relay: one line. */
  reason: string | null;
}

const LEASE_MS = 10_000;
const POLL_MS = 1000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;
const REFUSED_DELAY_MS = 30_000;
const FENCE_MS = 3_600_000;
const LOOK_AGAIN_MS = 300_000;
const FORGOTTEN =
  'Kafka had forgotten the relay of this store (transactional.id.expiration.ms): one that was paused since before that is not shut out.';

/**
 * Carries a store's events to Kafka, each once and in order, whatever is killed, paused or started twice
 * (docs/decisions/0014, 0015). Any number may run for one store; one of them relays.
 *
 *     standby → taking over → relaying ⇄ idle
 *        ↑           ↓            ↓
 *        └────── waiting ←────────┘        taking over → diverged → standby, once reconciled
 *
 * It never ends the process: whatever fails, it takes over again, after a pause that doubles up to 5 s.
 */
export class Relay {
  private readonly holder = `${hostname()}:${process.pid}:${randomBytes(6).toString('hex')}`;
  private readonly contract: readonly EventSchema[];
  private readonly names: Topics;
  private readonly topics: TopicPartitions[];
  private readonly connection: Connection;
  private readonly listening: Connection;
  private readonly bell = new WakeUp();
  private readonly end = new AbortController();
  private running: Promise<void> | null = null;
  private state: RelayActivity = 'standby';
  private reason: string | null = null;
  private isTroubled = false;
  private delay = FIRST_DELAY_MS;
  private readonly preparation: RelayPreparation;
  private lag: RelayLag = { position: 0, lagPositions: 0, lagSeconds: 0 };

  constructor(private readonly options: RelayOptions) {
    const {
      databaseUrl: url,
      contract = EVENT_SCHEMAS,
      topicPrefix,
      kafka,
      registry,
      replication = null,
      log,
    } = options;
    this.contract = contract;
    this.names = new Topics(topicPrefix, contract);
    this.topics = this.names.partitioned;
    const role = 'heddle_relay';
    this.connection = new Connection({ url, role, applicationName: 'heddle relay' });
    this.listening = new Connection({
      url,
      role,
      applicationName: 'heddle relay wake-up',
      onConnect: async (client) => {
        await client.query('listen heddle_log');
      },
    });
    this.listening.onNotification(() => this.bell.ring());
    this.preparation = new RelayPreparation({
      connection: this.connection,
      kafka,
      registry,
      contract,
      names: this.names,
      replication,
      log,
    });
  }

  /**
   * Throws StartupError where the topics or the registry are not the ones that they must be. What is away is waited for
   * in the background, quietly.
   */
  async start(): Promise<void> {
    this.listening.ready().catch(() => undefined);
    try {
      await this.preparation.prepare();
    } catch (error) {
      if (error instanceof StartupError) {
        await this.close();
        throw error;
      }
      this.wait(error);
    }
    if (!this.end.signal.aborted) this.running = this.live();
  }

  /** The lag is that of the store, whichever relay carries it; while Postgres is away it is the last one that was seen. */
  async status(): Promise<RelayStatus> {
    try {
      this.lag = await readLag(this.connection);
    } catch {
      // Told by `reason`.
    }
    return { state: this.state, reason: this.reason, ...this.lag };
  }

  /** Why it does not relay and will not by itself: one line; null while it does, waits or stands by. */
  get trouble(): string | null {
    return this.state === 'diverged' || this.state === 'refused' ? this.reason : null;
  }

  /** Resolves when what was being sent is acknowledged and the checkpoint written. */
  async close(): Promise<void> {
    this.end.abort();
    this.bell.ring();
    await this.running;
    this.enter('closed', null);
    await Promise.all([this.connection.close(), this.listening.close()]);
  }

  private async live(): Promise<void> {
    const { pollMs = POLL_MS, leaseMs = LEASE_MS } = this.options;
    while (!this.end.signal.aborted) {
      try {
        const turn = await Turn.begin(this.connection, this.holder, leaseMs);
        if (turn === null) {
          this.enter('standby', null);
          await this.rest(pollMs);
        } else await this.take(turn);
      } catch (error) {
        if (!this.end.signal.aborted) await this.rest(this.wait(error));
      }
    }
  }

  private async take(turn: Turn): Promise<void> {
    const { leaseMs = LEASE_MS, kafka } = this.options;
    const lease = new Lease(turn, leaseMs);
    let producer: FencedProducer | null = null;
    let why = 'The relay was stopped.';
    try {
      if (!this.isTroubled) this.enter('taking over', null);
      const { store, ids, destination } = await this.preparation.prepare();
      const records = new RecordMaker(this.contract, this.names, store, ids, this.connection);
      // Before the histories are compared: what is confirmed is the life that they were compared in.
      const { epoch } = await lastEpoch(this.connection);
      producer = await FencedProducer.takeOver(kafka, store, this.topics, this.end.signal);
      if (turn.producerId !== null && turn.producerId !== producer.producerId) this.options.log.warn(FORGOTTEN);
      const { connection } = this;
      const { marks, strange } = await recover(producer, turn, this.topics, { connection, records, store });
      if (strange.length > 0) this.options.log.warn(strangeRecords(strange));
      // Refused where another relay has drawn a token since: nothing is sent before this.
      await turn.move(turn.position, marks);
      await turn.carryTo(destination, producer.producerId);
      await confirmEpoch(this.connection, epoch, turn.token);
      await this.carry(producer, turn, lease, records, marks);
      if (!this.end.signal.aborted) why = 'The fence is renewed.';
    } catch (error) {
      why = (error as Error).message;
      if (!(error instanceof DivergedError)) throw error;
      await this.standStill(turn, error);
    } finally {
      lease.end();
      await producer?.close().catch(() => undefined);
      await turn.end(why).catch(() => undefined);
    }
  }

  /**
   * Until the fence is due: the next turn puts up another. While one page is being sent the next one is read and made,
   * and the checkpoint of the one before is written.
   */
  private async carry(
    producer: FencedProducer,
    turn: Turn,
    lease: Lease,
    records: RecordMaker,
    marks: readonly PartitionMark[],
  ): Promise<void> {
    const arrived = new Map(marks.map((mark) => [partitionName(mark), mark.lastPosition]));
    const checkpoints = new CheckpointWriter(turn);
    const fencedUntil = performance.now() + (this.options.fenceMs ?? FENCE_MS);
    const pageAfter = (position: number) => {
      const page = makePage(this.connection, records, position, arrived);
      page.catch(() => undefined);
      return page;
    };
    try {
      let { position } = turn;
      for (let coming = pageAfter(position); !this.end.signal.aborted && performance.now() < fencedUntil; ) {
        lease.check();
        await this.preparation.confirmRegistry();
        const page = await coming;
        this.goOn(page.last === null ? 'idle' : 'relaying');
        if (page.last === null) {
          await this.idle();
          await this.requireConfirmedEpoch();
          coming = pageAfter(position);
          continue;
        }
        position = page.last;
        coming = pageAfter(position);
        if (page.batches.length > 0) await producer.send(page.batches);
        const moved = page.batches.map(({ topic, partition, lastPosition }) => ({
          topic,
          partition,
          end: producer.end({ topic, partition }),
          lastPosition,
        }));
        checkpoints.note(position, moved);
      }
    } catch (error) {
      await checkpoints.flush().catch(() => undefined);
      throw error;
    }
    await checkpoints.flush();
  }

  /** Until somebody draws a token, another relay or whoever has reconciled the two, or it is time to look again. */
  private async standStill(turn: Turn, error: DivergedError): Promise<void> {
    if (this.reason !== error.message) this.options.log.error(error.message);
    this.enter('diverged', error.message);
    this.isTroubled = true;
    const until = performance.now() + (this.options.lookAgainMs ?? LOOK_AGAIN_MS);
    while (!this.end.signal.aborted && performance.now() < until) {
      await turn.stopAt('diverged', error.message);
      await this.rest(this.options.pollMs ?? POLL_MS);
    }
  }

  /** A store in another life may have lost what this relay has sent, and takes no appends before a relay has looked. */
  private async requireConfirmedEpoch(): Promise<void> {
    const { epoch, isConfirmed } = await lastEpoch(this.connection);
    if (!isConfirmed) throw new Error(`The store has begun another life (${epoch}): it is compared with Kafka again.`);
  }

  private async idle(): Promise<void> {
    const timer = setTimeout(() => this.bell.ring(), this.options.pollMs ?? POLL_MS);
    await this.bell.wait();
    clearTimeout(timer);
  }

  private async rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.end.signal }).catch(() => undefined);
  }

  private enter(state: RelayActivity, reason: string | null): void {
    this.state = state;
    this.reason = reason;
  }

  private goOn(state: 'relaying' | 'idle'): void {
    this.enter(state, null);
    this.delay = FIRST_DELAY_MS;
    if (this.isTroubled) this.options.log.info('the relay goes on');
    this.isTroubled = false;
  }

  /** Says once what is the matter; returns how long to wait before the next try, ms. */
  private wait(error: unknown): number {
    const { log } = this.options;
    this.preparation.forget();
    if (error instanceof TokenLostError || isFenced(error)) {
      log.info({ type: (error as ProducerGoneError).type }, 'another relay has taken over');
      this.enter('standby', null);
      return FIRST_DELAY_MS;
    }
    const { message } = error as Error;
    if (error instanceof StartupError) {
      if (this.reason !== message) log.error(message);
      this.enter('refused', message);
      this.isTroubled = true;
      return REFUSED_DELAY_MS;
    }
    if (!this.isTroubled) log.warn({ reason: message }, 'the relay waits');
    this.isTroubled = true;
    this.enter('waiting', message);
    const { delay } = this;
    this.delay = Math.min(delay * 2, LONGEST_DELAY_MS);
    return delay;
  }
}

function strangeRecords(found: readonly StrangeRecords[]): string {
  const places = found.map(({ count, where }) => `${count} from ${where} on`).join(', ');
  return `Records that no relay wrote are passed over (${places}): let nobody else write to these topics.`;
}

function isFenced(error: unknown): boolean {
  return error instanceof ProducerGoneError && /^(INVALID_PRODUCER_EPOCH|PRODUCER_FENCED)$/.test(error.type ?? '');
}
