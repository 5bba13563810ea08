import { Buffer } from 'node:buffer';
import { whyUnread } from '../kafka/fetch-answers.js';
import { readHeaders, unframe } from '../kafka/frame.js';
import type { FetchedRecord } from '../kafka/kafkajs-cluster.js';
import type { Fetched } from '../kafka/partition-requests.js';
import { partitionName, type TopicPartition } from '../kafka/topics.js';
import type { FencedProducer } from './fenced-producer.js';

/** An event as Kafka holds it. */
export interface ArrivedEvent {
  position: number;
  eventId: string | null;
  schemaId: number;
  payload: Buffer;
  key: string;
  offset: number;
}

/**
 * What no relay of this store left behind: a record of another store, one of this store out of order, or none where some
 * were.
 */
export class ForeignRecordError extends Error {
  override name = 'ForeignRecordError';
}

/** Records of one partition that no relay wrote. */
export interface StrangeRecords {
  count: number;
  /** The first one's place. */
  where: string;
}

/**
 * What relays wrote to one partition from an offset to its end, event after event; at most one request's records are
 * held. Records that no relay wrote are passed over: their readers list them among the dead letters.
 */
export class PartitionTail {
  private held: FetchedRecord[] = [];
  private at = 0;
  private next: number;
  private last = 0;
  private passedOver: StrangeRecords | null = null;

  constructor(
    private readonly producer: Pick<FencedProducer, 'read' | 'end'>,
    readonly place: TopicPartition,
    from: number,
    private readonly store: string,
  ) {
    this.next = from;
  }

  /** The next event, which stays the next one until `take`; null at the partition's end. Throws ForeignRecordError. */
  async peek(): Promise<ArrivedEvent | null> {
    const end = this.producer.end(this.place);
    while (this.at === this.held.length && this.next < end) {
      const { records, next } = await this.read();
      // Ours are all below the end, which was read when nobody else could write any more.
      this.held = records.filter((record) => Number(record.offset) < end && this.isOfRelay(record));
      this.at = 0;
      this.next = next;
    }
    return this.at === this.held.length ? null : this.eventOf(this.held[this.at]!);
  }

  take(): void {
    this.last = readHeaders(this.held[this.at]!.headers).position!;
    this.at++;
  }

  /** As far as it has been read. */
  get strange(): StrangeRecords | null {
    return this.passedOver;
  }

  private async read(): Promise<Fetched> {
    try {
      return await this.producer.read(this.place, this.next);
    } catch (error) {
      if ((error as Error).name !== 'KafkaJSOffsetOutOfRange') throw error;
      throw new ForeignRecordError(`${partitionName(this.place)} does not keep offset ${this.next} any more`);
    }
  }

  private isOfRelay({ offset, headers, value }: FetchedRecord): boolean {
    const unread = whyUnread(value);
    // Its events may be among what is not read.
    if (unread !== null) throw new ForeignRecordError(`offset ${offset} of ${partitionName(this.place)}: ${unread}`);
    if (readHeaders(headers).store !== null) return true;
    this.passedOver ??= { where: `offset ${offset} of ${partitionName(this.place)}`, count: 0 };
    this.passedOver.count++;
    return false;
  }

  private eventOf({ offset, headers, key, value }: FetchedRecord): ArrivedEvent {
    const { store, position, eventId } = readHeaders(headers);
    const where = `the record at offset ${offset} of ${partitionName(this.place)}`;
    if (store !== this.store || position === null || key === null) {
      throw new ForeignRecordError(`${where} is ${store === this.store ? 'no event' : `of the store ${store}`}`);
    }
    if (position <= this.last) throw new ForeignRecordError(`${where} has position ${position}, after ${this.last}`);
    return { position, eventId, key: key.toString(), offset: Number(offset), ...unframe(value) };
  }
}
