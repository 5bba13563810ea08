import type { IHeaders, KafkaConfig, Message, Producer } from 'kafkajs';
import { Partitioners } from 'kafkajs';
import type { Logger } from 'pino';
import { KafkaReader, RecordsGoneError, typeOf } from '../kafka/kafka-reader.js';
import { makeKafka } from '../kafka/kafkajs-client.js';
import { parsePartitionName, type TopicPartition, type Topics } from '../kafka/topics.js';
import { Connection } from '../postgres/connection.js';

export interface DeadLetterPublisherOptions {
  /** The database of the service. */
  url: string;
  /** Its schema holds `dead_letters`. */
  service: string;
  kafka: KafkaConfig;
  topics: Pick<Topics, 'deadLettersOf'>;
  log: Pick<Logger, 'warn'>;
}

interface UnpublishedLetter {
  projection: string;
  partition: string;
  position: number;
  cause: string;
}

/** What a copy's headers say of the record, beside those that it had. */
export const DEAD_LETTER_HEADER = {
  topic: 'heddle-dead-topic',
  partition: 'heddle-dead-partition',
  offset: 'heddle-dead-offset',
  projection: 'heddle-dead-projection',
  cause: 'heddle-dead-cause',
  /** Why the value is not there, where the record had one. */
  value: 'heddle-dead-value',
} as const;

/** What a broker says of a record, and not of itself. */
const OF_THE_RECORD =
  /^(MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE|INVALID_RECORD|INVALID_TIMESTAMP|INVALID_TOPIC_EXCEPTION|UNKNOWN_TOPIC_OR_PARTITION|TOPIC_AUTHORIZATION_FAILED)$/;
const TOO_LARGE = /^(MESSAGE_TOO_LARGE|RECORD_LIST_TOO_LARGE)$/;
/** When those that could not be copied are tried again. */
const AGAIN_AFTER_MS = 600_000;

const LOOK_EVERY_MS = 1000;
const TRY_TO_LEAD_EVERY_MS = 5000;
const AT_ONCE = 100;
const PATIENCE_MS = 2000;

/**
 * Copies a service's dead letters to `heddle.<domain>.dlq`, key and value as they were, to the partition of the same
 * number; at least once. One that cannot be copied is reported, and holds up no other. The rows stay the truth: from
 * them they are listed and re-driven.
 */
export class DeadLetterPublisher {
  private readonly connection: Connection;
  private readonly reader: KafkaReader;
  private producer: Producer | null = null;
  private leadDueAt = 0;
  private leads = false;
  private clock: NodeJS.Timeout | undefined;
  private round: Promise<unknown> | null = null;
  private reported = false;
  /** Those that could not be copied, by themselves, since `failedSince`. */
  private failed: UnpublishedLetter[] = [];
  private failedSince = 0;

  constructor(private readonly options: DeadLetterPublisherOptions) {
    const { url, service, kafka } = options;
    this.reader = new KafkaReader(kafka, PATIENCE_MS);
    this.connection = new Connection({
      url,
      role: `heddle_${service}`,
      applicationName: `heddle dead letters of ${service}`,
      parameters: { lock_timeout: '5s' },
      onConnect: async () => {
        this.leads = false;
      },
    });
  }

  start(): void {
    this.clock = setInterval(() => {
      this.round ??= this.look().finally(() => {
        this.round = null;
      });
    }, LOOK_EVERY_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.clock);
    await this.reader.close();
    await this.round;
    await Promise.all([this.producer?.disconnect().catch(() => undefined), this.connection.close()]);
  }

  /** Copies what waits, where no other process does; returns how many. Throws where Kafka or the database is away. */
  async publish(): Promise<number> {
    if (!(await this.lead())) return 0;
    if (Date.now() - this.failedSince > AGAIN_AFTER_MS) this.failed = [];
    let published = 0;
    for (;;) {
      const letters = await this.unpublished();
      for (const letter of letters) {
        if (!(await this.copied(letter))) continue;
        await this.mark(letter);
        published++;
      }
      if (letters.length < AT_ONCE) return published;
    }
  }

  private async look(): Promise<void> {
    try {
      await this.publish();
      this.reported = false;
    } catch (error) {
      const { service, log } = this.options;
      const { message } = error as Error;
      if (!this.reported) log.warn({ service, error: message }, 'dead letters cannot be copied to Kafka now');
      this.reported = true;
    }
  }

  /** Spares the others the work, and readers the copies; the session holds it. */
  private async lead(): Promise<boolean> {
    if (this.leads) return true;
    if (performance.now() < this.leadDueAt) return false;
    this.leadDueAt = performance.now() + TRY_TO_LEAD_EVERY_MS;
    const { rows } = await this.connection.query<{ held: boolean }>({
      text: 'select pg_try_advisory_lock(hashtextextended($1, 4851)) as held',
      values: [`heddle dead letters ${this.options.service}`],
    });
    this.leads = rows[0]!.held;
    return this.leads;
  }

  private async unpublished(): Promise<UnpublishedLetter[]> {
    const { service } = this.options;
    const { rows } = await this.connection.query<UnpublishedLetter & Record<string, unknown>>({
      name: `${service}_dead_letters_unpublished`,
      text: `select projection, partition, position, cause from ${service}.dead_letters
              where published_at is null and partition <> 'log'
                and (projection, partition, position) not in (select * from unnest($2::text[], $3::text[], $4::bigint[]))
              order by failed_at limit $1`,
      values: [
        AT_ONCE,
        this.failed.map(({ projection }) => projection),
        this.failed.map(({ partition }) => partition),
        this.failed.map(({ position }) => position),
      ],
    });
    return rows;
  }

  private async mark({ projection, partition, position }: UnpublishedLetter): Promise<void> {
    const { service } = this.options;
    await this.connection.query({
      name: `${service}_dead_letter_published`,
      text: `update ${service}.dead_letters set published_at = clock_timestamp()
              where projection = $1 and partition = $2 and position = $3`,
      values: [projection, partition, position],
    });
  }

  /** False where the letter itself is in the way. */
  private async copied(letter: UnpublishedLetter): Promise<boolean> {
    try {
      await this.copy(letter);
      return true;
    } catch (error) {
      if (!isOwn(error)) throw error;
      if (this.failed.length === 0) this.failedSince = Date.now();
      this.failed.push(letter);
      const { service, log } = this.options;
      const { projection, partition, position } = letter;
      const { message } = error as Error;
      log.warn({ service, projection, partition, position, error: message }, 'a dead letter cannot be copied to Kafka');
      return false;
    }
  }

  private async copy({ projection, partition, position, cause }: UnpublishedLetter): Promise<void> {
    const place = parsePartitionName(partition);
    if (place === null) throw new TypeError(`${partition} is no partition on Kafka.`);
    const { key, value, headers } = await this.record(place, position - 1);
    const topic = this.options.topics.deadLettersOf(place.topic);
    const said = {
      [DEAD_LETTER_HEADER.topic]: place.topic,
      [DEAD_LETTER_HEADER.partition]: String(place.partition),
      [DEAD_LETTER_HEADER.offset]: String(position - 1),
      [DEAD_LETTER_HEADER.projection]: projection,
      [DEAD_LETTER_HEADER.cause]: cause,
    };
    const message = { key, value, partition: place.partition, headers: { ...withoutNulls(headers), ...said } };
    try {
      await this.send(topic, message);
    } catch (error) {
      if (value === null || !TOO_LARGE.test(typeOf(error))) throw error;
      const why = { [DEAD_LETTER_HEADER.value]: `too large: ${value.length} bytes` };
      await this.send(topic, { ...message, value: null, headers: { ...message.headers, ...why } });
    }
  }

  private async send(topic: string, message: Message & { partition: number }): Promise<void> {
    const [answer] = await (await this.connected()).send({ topic, messages: [message], acks: -1 });
    // A send that meets a change of leaders may resolve without an answer.
    if (answer?.baseOffset === undefined || Number(answer.baseOffset) < 0) {
      throw new Error(`${topic}/${message.partition} has not said that it has the dead letter.`);
    }
  }

  /** A record that retention has deleted is copied without key and value. */
  private async record(place: TopicPartition, offset: number): Promise<LostOrFound> {
    try {
      const { records } = await this.reader.fetch(place, offset);
      const record = records.find((one) => Number(one.offset) === offset);
      return record ?? { key: null, value: null, headers: {} };
    } catch (error) {
      if (error instanceof RecordsGoneError) return { key: null, value: null, headers: {} };
      throw error;
    }
  }

  private async connected(): Promise<Producer> {
    if (this.producer !== null) return this.producer;
    const producer = makeKafka({ retry: { retries: 2 }, ...this.options.kafka }).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    this.producer = producer;
    return producer;
  }
}

interface LostOrFound {
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
}

/** kafkajs sends no header without a value. */
function withoutNulls(headers: IHeaders): IHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== null && value !== undefined));
}

/** kafkajs throws a TypeError at a record that it cannot write. */
function isOwn(error: unknown): boolean {
  return error instanceof TypeError || OF_THE_RECORD.test(typeOf(error));
}
