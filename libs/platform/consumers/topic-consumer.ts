import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import type { Logger } from 'pino';
import { whyUnread } from '../kafka/fetch-answers.js';

/** A record that somebody else wrote. */
export interface InboundRecord {
  topic: string;
  partition: number;
  offset: string;
  /** As the broker keeps it, ms; within the years 1 to 9999. */
  timestamp: number;
  value: Buffer | null;
  headers: Readonly<Record<string, string>>;
  /** Why it was not read: then it has no value. Left out of all others. */
  unread?: string;
}

export interface TopicConsumerOptions {
  kafka: Kafka;
  /** What is told of it in the log. */
  name: string;
  /** Asked for again and again, as what to follow. A group that nobody has known begins with what the topics still hold. */
  group(): Promise<string>;
  topics(): Promise<string[]>;
  /**
   * Takes records of one partition, in their order. What it does must be the same where they come again: a group's offset is
   * committed after it, and not with it. Where it throws it is called again with the same records.
   */
  take(records: readonly InboundRecord[]): Promise<void>;
  log: Pick<Logger, 'info' | 'warn'>;
  sessionTimeoutMs?: number;
  /** How often the topics are asked for, ms. */
  lookEveryMs?: number;
}

const SESSION_MS = 10_000;
const HEARTBEAT_MS = 1000;
const REBALANCE_MS = 20_000;
const LONG_POLL_MS = 500;
const LOOK_MS = 2000;
/** Of each of four partitions: as many as two groups of activities hold are under way then. */
const AT_ONCE = 1000;
/** What is packed well may be a hundred times as long: the store has to take all of it within seconds. */
const BYTES_AT_ONCE = 4 * 1024 * 1024;
const PARTITIONS_AT_ONCE = 4;
const AGAIN_MS = 500;
const MOST_AGAIN_MS = 5000;
const CLOSE_MS = 10_000;

/**
 * A member of a group that follows topics which come and go. Where they change it joins anew; whatever goes away is waited for.
 */
export class TopicConsumer {
  private readonly closing = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private isAway = false;

  constructor(private readonly options: TopicConsumerOptions) {}

  start(): void {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await Promise.race([this.running, sleep(CLOSE_MS, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (let wait = AGAIN_MS; !signal.aborted; ) {
      try {
        const topics = await this.options.topics();
        this.isAway = false;
        if (topics.length > 0) await this.follow(topics);
        wait = AGAIN_MS;
      } catch (error) {
        this.tellAway(error);
        wait = Math.min(2 * wait, MOST_AGAIN_MS);
      }
      await sleep(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Until the topics or the group change, or the client is of no use any more. */
  private async follow(topics: readonly string[]): Promise<void> {
    const { kafka, sessionTimeoutMs = SESSION_MS, lookEveryMs = LOOK_MS } = this.options;
    const group = await this.options.group();
    const consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: LONG_POLL_MS,
      allowAutoTopicCreation: false,
      // kafkajs would start it again after some errors only.
      retry: { restartOnFailure: async () => false },
    });
    const crashed = new Promise<never>((_, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    crashed.catch(() => undefined);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
        eachBatch: (payload) => this.takeAll(consumer, payload),
      });
      await Promise.race([crashed, this.untilChanged(group, topics, lookEveryMs)]);
    } finally {
      await Promise.race([consumer.disconnect().catch(() => undefined), sleep(CLOSE_MS, undefined, { ref: false })]);
    }
  }

  private async untilChanged(group: string, topics: readonly string[], everyMs: number): Promise<void> {
    const { signal } = this.closing;
    const before = JSON.stringify([...topics].sort());
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      // What cannot be asked now has not changed.
      const now = await this.options.topics().catch(() => topics);
      if (JSON.stringify([...now].sort()) !== before) return;
      if ((await this.options.group().catch(() => group)) !== group) return;
    }
  }

  private async takeAll(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, resolveOffset, isStale, isRunning } = payload;
    const { topic, partition, messages } = batch;
    const isOver = () => this.closing.signal.aborted || isStale() || !isRunning();
    const beat = setInterval(() => void heartbeat().catch(() => undefined), HEARTBEAT_MS);
    try {
      for (const part of partsOf(messages)) {
        if (isOver()) return;
        const records = part.map((message) => recordOf(topic, partition, message));
        if (!(await this.takeUntilDone(records, isOver))) return;
        const last = part.at(-1)!.offset;
        resolveOffset(last);
        // Where the group has begun to rebalance, the next member takes them again, which changes nothing.
        const next = [{ topic, partition, offset: String(BigInt(last) + 1n) }];
        await consumer.commitOffsets(next).catch(() => undefined);
      }
    } finally {
      clearInterval(beat);
    }
  }

  /** Whether they were taken; not, where the partition is another's meanwhile. */
  private async takeUntilDone(records: readonly InboundRecord[], isOver: () => boolean): Promise<boolean> {
    for (let wait = AGAIN_MS; !isOver(); wait = Math.min(2 * wait, MOST_AGAIN_MS)) {
      try {
        await this.options.take(records);
        return true;
      } catch (error) {
        this.tellAway(error);
        await sleep(wait, undefined, { signal: this.closing.signal }).catch(() => undefined);
      }
    }
    return false;
  }

  private tellAway(error: unknown): void {
    if (this.isAway || this.closing.signal.aborted) return;
    this.isAway = true;
    const { name, log } = this.options;
    log.warn(
      { group: name, error: (error as Error).message },
      'records cannot be taken; it is tried again until they can',
    );
  }
}

export function recordOf(topic: string, partition: number, message: KafkaMessage): InboundRecord {
  const { offset, timestamp, value, headers } = message;
  const unread = whyUnread(value);
  return {
    topic,
    partition,
    offset,
    timestamp: timeOf(timestamp),
    value: unread === null ? value : null,
    headers: textsOf(headers ?? {}),
    ...(unread === null ? {} : { unread }),
  };
}

/** In their order, as many at once as are taken together. */
export function partsOf<Message extends { value: Buffer | null }>(messages: readonly Message[]): Message[][] {
  const parts: Message[][] = [];
  let part: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const length = message.value?.length ?? 0;
    if (part.length === AT_ONCE || (part.length > 0 && bytes + length > BYTES_AT_ONCE)) {
      parts.push(part);
      part = [];
      bytes = 0;
    }
    part.push(message);
    bytes += length;
  }
  return part.length === 0 ? parts : [...parts, part];
}

const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** Where a topic keeps its producers' times, one that counts nanoseconds names a year that neither Date nor Postgres has. */
export function timeOf(timestamp: string): number {
  return Math.min(Math.max(Number(timestamp), FIRST_MS), LAST_MS);
}

/** More of headers than this, in bytes, is left out: nothing that is looked for is so long. */
const MOST_HEADERS = 64 * 1024;

export function textsOf(headers: Record<string, unknown>): Record<string, string> {
  let left = MOST_HEADERS;
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = (Array.isArray(value) ? value.at(-1) : value) ?? '';
    left -= name.length + (last as Buffer | string).length;
    if (left < 0) break;
    texts[name.toLowerCase()] = String(last);
  }
  return texts;
}
