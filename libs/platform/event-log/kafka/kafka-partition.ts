import type { StoreId } from '../../event-store/store-id.js';
import type { KafkaReader } from '../../kafka/kafka-reader.js';
import type { FetchedRecord } from '../../kafka/kafkajs-cluster.js';
import type { Fetched } from '../../kafka/partition-requests.js';
import { patiently } from '../../kafka/patience.js';
import { partitionName, type TopicPartition } from '../../kafka/topics.js';
import type { LogPage, LogPartition, ReadOptions } from '../event-log.js';
import type { SchemaIds } from './schema-ids.js';
import { isOfType, storedEventsOf } from './stored-events.js';

/** A page that finds few events of its types ends after so many fetches, of 2 MiB each. */
const MOST_FETCHES = 8;

/** One partition of a topic; a position is a record's offset plus one, so position `p` is read on from at offset `p`. */
export class KafkaPartition implements LogPartition {
  readonly name: string;
  /** What the last fetch brought beyond its page, by the position that it begins after; one fetch at the most. */
  private ahead: { after: number; fetched: Fetched } | null = null;

  constructor(
    private readonly place: TopicPartition,
    private readonly reader: KafkaReader,
    private readonly ids: SchemaIds,
    private readonly store: StoreId,
    private readonly patienceMs: number,
  ) {
    this.name = partitionName(place);
  }

  async read(after: number, { limit, types, upTo = Number.MAX_SAFE_INTEGER }: ReadOptions): Promise<LogPage> {
    const wanted = types === undefined ? null : new Set(types);
    const chosen: FetchedRecord[] = [];
    let scannedTo = after;
    for (let fetches = 0; fetches < MOST_FETCHES && chosen.length < limit && scannedTo < upTo; fetches++) {
      const fetched = await this.takeAfter(scannedTo);
      if (fetched.next === scannedTo) break;
      scannedTo = this.choose(fetched, wanted, limit, upTo, chosen);
      if (scannedTo >= fetched.end) break;
    }
    const made = async () => storedEventsOf(chosen, this.ids, await this.store());
    const events = await patiently(made, { forMs: this.patienceMs });
    return { events, scannedTo };
  }

  async end(): Promise<number> {
    return (await this.reader.ends([this.place])).get(this.name)!;
  }

  private takeAfter(position: number): Promise<Fetched> {
    const { ahead } = this;
    if (ahead?.after !== position) return this.reader.fetch(this.place, position);
    this.ahead = null;
    return Promise.resolve(ahead.fetched);
  }

  /** Adds the wanted ones, and keeps what is beyond the page; returns the position that was looked at last. */
  private choose(
    fetched: Fetched,
    wanted: ReadonlySet<string> | null,
    limit: number,
    upTo: number,
    chosen: FetchedRecord[],
  ): number {
    for (const [index, record] of fetched.records.entries()) {
      const position = Number(record.offset) + 1;
      if (position > upTo) return this.keep(upTo, fetched, index);
      if (isOfType(record, wanted) && chosen.push(record) === limit) return this.keep(position, fetched, index + 1);
    }
    return Math.min(fetched.next, upTo);
  }

  private keep(after: number, { records, next, end }: Fetched, from: number): number {
    if (from < records.length) this.ahead = { after, fetched: { records: records.slice(from), next, end } };
    return after;
  }
}
