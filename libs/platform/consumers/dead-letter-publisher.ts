import type { IHeaders, KafkaConfig, Producer } from 'kafkajs';
import { Partitioners } from 'kafkajs';
import type { Logger } from 'pino';
import { KafkaReader, RecordsGoneError } from '../kafka/kafka-reader.js';
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
} as const;

const LOOK_EVERY_MS = 1000;
const AT_ONCE = 100;
const PATIENCE_MS = 2000;

/**
 * Copies a service's dead letters to `heddle.<domain>.dlq`, key and value as they were, to the partition of the same
 * number; at least once. The rows stay the truth: from them they are listed and re-driven.
 */
export class DeadLetterPublisher {
  private readonly connection: Connection;
  private readonly reader: KafkaReader;
  private producer: Producer | null = null;
  private leads = false;
  private clock: NodeJS.Timeout | undefined;
  private round: Promise<unknown> | null = null;
  private reported = false;

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
    let published = 0;
    for (;;) {
      const letters = await this.unpublished();
      for (const letter of letters) {
        await this.copy(letter);
        await this.mark(letter);
      }
      published += letters.length;
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
              where published_at is null and partition <> 'log' order by failed_at limit $1`,
      values: [AT_ONCE],
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

  private async copy({ projection, partition, position, cause }: UnpublishedLetter): Promise<void> {
    const place = parsePartitionName(partition);
    if (place === null) throw new Error(`${partition} is no partition on Kafka.`);
    const { key, value, headers } = await this.record(place, position - 1);
    const topic = this.options.topics.deadLettersOf(place.topic);
    const said = {
      [DEAD_LETTER_HEADER.topic]: place.topic,
      [DEAD_LETTER_HEADER.partition]: String(place.partition),
      [DEAD_LETTER_HEADER.offset]: String(position - 1),
      [DEAD_LETTER_HEADER.projection]: projection,
      [DEAD_LETTER_HEADER.cause]: cause,
    };
    const messages = [{ key, value, partition: place.partition, headers: { ...headers, ...said } }];
    const [answer] = await (await this.connected()).send({ topic, messages, acks: -1 });
    // A send that meets a change of leaders may resolve without an answer.
    if (answer?.baseOffset === undefined || Number(answer.baseOffset) < 0) {
      throw new Error(`${topic}/${place.partition} has not said that it has the dead letter.`);
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
