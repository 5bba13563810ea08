import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import type { Finding } from '../checker.js';
import { JsonOverHttp } from '../json-over-http.js';
import type { Installation } from './installation.js';
import type { SideLoad } from './kafka-scenario.js';

const PARTITIONS = 4;
const BATCH = 40;
const SUBJECTS = 20;
const PAUSE_MS = 40;
const MADE_WITHIN_MS = 60_000;
const TAKEN_WITHIN_MS = 120_000;
const GIVE_UP_MS = 120_000;

/** What a record was written as, in its key. */
const KINDS = ['told', 'twice', 'nameless', 'broken'] as const;
type Kind = (typeof KINDS)[number];

interface Written {
  kind: Kind;
  id: string;
}

interface Listed {
  stream: string;
  seq: number;
  data: { external_id: string | null; data: { partition: number; n: number } };
}

/**
 * Producers of a workspace's own that write to its raw topic without a break: most with an id, some of them twice, some
 * without, and some that are no events. What the topic has in the end is what has to be on the log, once.
 */
export class RawLoad implements SideLoad {
  acknowledged = 0;
  #stopped = false;
  #written = 0;
  #producing: Promise<void>[] = [];
  #stopping: Promise<void> | null = null;

  private constructor(
    private readonly on: Installation,
    private readonly key: string,
    private readonly random: () => number,
    private readonly kafka: Kafka,
    private readonly topic: string,
  ) {}

  static async start(on: Installation, key: string, random: () => number): Promise<RawLoad> {
    const [workspace] = await on.rows<{ id: string }>("select id from access.workspaces where name like 'load-%'");
    const topic = `heddle.in.wsp_${workspace!.id.replaceAll('-', '')}`;
    const kafka = new Kafka({ clientId: 'raw-load', brokers: [on.kafka.address], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await within(MADE_WITHIN_MS, `${topic} is not there`, async () => (await admin.listTopics()).includes(topic));
    await admin.disconnect();
    const load = new RawLoad(on, key, random, kafka, topic);
    load.#producing = Array.from({ length: PARTITIONS }, (_, partition) => load.#produce(partition));
    // Told where it is stopped.
    for (const producing of load.#producing) producing.catch(() => undefined);
    return load;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async judge(): Promise<Finding[]> {
    const { events, letters } = await this.#expected();
    const listed = await this.#listed();
    const found = await this.#count('ingest.raw_dead_letters');
    return [
      ...differing('activities', events, listed.length),
      ...differing('dead letters', letters, found),
      ...unlike(listed),
    ];
  }

  async #stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#producing);
    const { events, letters } = await this.#expected();
    await within(
      TAKEN_WITHIN_MS,
      `what is on ${this.topic} is not all taken in`,
      async () => (await this.#activities()) >= events && (await this.#count('ingest.raw_dead_letters')) >= letters,
    ).catch(() => undefined);
  }

  /** One batch after the other on a partition of its own, each until it is acknowledged: it may stand there twice. */
  async #produce(partition: number): Promise<void> {
    const producer = this.kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      retry: { retries: 3 },
    });
    await untilDone(() => producer.connect());
    for (let n = 0; !this.#stopped; n += BATCH, await sleep(PAUSE_MS)) {
      const messages = Array.from({ length: BATCH }, (_, i) => this.#record(partition, n + i)).flat();
      await untilDone(() => send(producer, this.topic, partition, messages));
      this.acknowledged += messages.length;
    }
    await producer.disconnect();
  }

  #record(partition: number, n: number): { key: string; value: string }[] {
    const id = `${partition}-${this.#written++}`;
    const kind = this.#kind();
    const told = {
      ...(kind === 'nameless' ? {} : { id }),
      type: 'parcel.moved',
      source: 'raw-load',
      subject: { customer: { external_id: `raw-${Math.floor(this.random() * SUBJECTS)}` } },
      data: { partition, n },
    };
    const value = kind === 'broken' ? `{"id": "${id}", ` : JSON.stringify(told);
    const record = { key: JSON.stringify({ kind, id } satisfies Written), value };
    return kind === 'twice' ? [record, record] : [record];
  }

  #kind(): Kind {
    const drawn = this.random();
    return drawn < 0.8 ? 'told' : (KINDS[1 + Math.floor((drawn - 0.8) * 15)] ?? 'told');
  }

  /** By what stands on the topic: an id once, a record without one by its place. */
  async #expected(): Promise<{ events: number; letters: number }> {
    const ids = new Set<string>();
    let [nameless, letters] = [0, 0];
    for (const { kind, id } of await this.#onTopic()) {
      if (kind === 'broken') letters++;
      else if (kind === 'nameless') nameless++;
      else ids.add(id);
    }
    return { events: ids.size + nameless, letters };
  }

  async #onTopic(): Promise<Written[]> {
    const admin = this.kafka.admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets(this.topic);
    await admin.disconnect();
    const missing = new Map(ends.filter(({ high }) => high !== '0').map(({ partition, high }) => [partition, high]));
    const written: Written[] = [];
    if (missing.size === 0) return written;
    const consumer = this.kafka.consumer({ groupId: `raw-load-${crypto.randomUUID()}` });
    await consumer.connect();
    await consumer.subscribe({ topic: this.topic, fromBeginning: true });
    const { promise, resolve } = Promise.withResolvers<void>();
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        const end = missing.get(partition);
        if (end === undefined) return;
        written.push(JSON.parse(message.key!.toString()));
        if (Number(message.offset) + 1 >= Number(end)) missing.delete(partition);
        if (missing.size === 0) resolve();
      },
    });
    await promise;
    await consumer.disconnect();
    return written;
  }

  async #listed(): Promise<Listed[]> {
    const client = new JsonOverHttp(this.on.port, this.key);
    const all = await client.all<Listed>('/v1/events?type=activity.recorded&order=asc');
    client.close();
    return all;
  }

  async #activities(): Promise<number> {
    const [row] = await this.on.rows<{ count: number }>(
      "select count(*)::integer as count from log.events where type = 'activity.recorded'",
    );
    return row!.count;
  }

  async #count(table: string): Promise<number> {
    const [row] = await this.on.rows<{ count: number }>(`select count(*)::integer as count from ${table}`);
    return row!.count;
  }
}

async function send(producer: Producer, topic: string, partition: number, records: { key: string; value: string }[]) {
  await producer.send({ topic, acks: -1, messages: records.map((record) => ({ ...record, partition })) });
}

async function untilDone(work: () => Promise<void>): Promise<void> {
  for (const giveUp = performance.now() + GIVE_UP_MS; ; await sleep(200)) {
    try {
      await work();
      return;
    } catch (error) {
      if (performance.now() > giveUp) throw error;
    }
  }
}

async function within(ms: number, otherwise: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const giveUp = performance.now() + ms; !(await isSo()); await sleep(100)) {
    if (performance.now() > giveUp) throw new Error(`${otherwise} after ${ms / 1000} s`);
  }
}

function differing(what: string, expected: number, found: number): Finding[] {
  if (found === expected) return [];
  return [{ kind: found < expected ? 'lost' : 'twice', what: `the topic has ${expected} ${what}, the log ${found}` }];
}

/** An id twice, a hole in a stream, or what one producer wrote about one in another order. */
function unlike(listed: readonly Listed[]): Finding[] {
  const findings: Finding[] = [];
  const ids = new Set<string>();
  const lasts = new Map<string, { seq: number; ns: Map<number, number> }>();
  for (const { stream, seq, data } of listed) {
    const { external_id: id, data: told } = data;
    const last = lasts.get(stream) ?? { seq: 0, ns: new Map() };
    lasts.set(stream, last);
    if (seq !== last.seq + 1) findings.push({ kind: 'hole', what: `${stream} has ${seq} after ${last.seq}` });
    last.seq = seq;
    // One without an id that was sent again stands there twice, the second time behind what followed.
    if (id === null) continue;
    if (ids.has(id)) findings.push({ kind: 'twice', what: `the activity ${id}` });
    ids.add(id);
    const before = last.ns.get(told.partition) ?? -1;
    if (told.n <= before) findings.push({ kind: 'swapped', what: `${stream} has ${told.n} after ${before}` });
    last.ns.set(told.partition, told.n);
  }
  return findings;
}
