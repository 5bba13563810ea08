import { partitionName } from '../kafka/topics.js';
import type { Connection } from '../postgres/connection.js';
import type { PartitionBatch } from './fenced-producer.js';
import type { RecordMaker } from './record-maker.js';
import { readStore } from './store-reader.js';

/** What one send carries. */
export interface Page {
  /** The position of its last event; null where the store has nothing more. */
  last: number | null;
  events: number;
  batches: PlacedBatch[];
}

export interface PlacedBatch extends PartitionBatch {
  lastPosition: number;
}

/** A partition, as the page comes to it. */
interface Place {
  /** The position of the last event that it has already; 0 where it has none. */
  arrived: number;
  batch: PlacedBatch | null;
}

/** A broker takes 1 MiB a batch (message.max.bytes), and all of a page may be one stream's; keys and headers come on top. */
const MOST = { events: 1000, bytes: 640 * 1024 };

/** The events after a position, made ready to be sent, without those that a partition has already. */
export async function makePage(
  connection: Connection,
  records: RecordMaker,
  after: number,
  /** By `<topic>/<partition>`: the position of the last event that arrived there. */
  arrived: ReadonlyMap<string, number>,
): Promise<Page> {
  const { rows } = await readStore(connection, after, MOST);
  const batches: PlacedBatch[] = [];
  const byTopic = new Map<string, Place[]>();
  for (const row of rows) {
    const { topic, partition, position, record } = records.makeAtOnce(row) ?? (await records.make(row));
    const places = byTopic.get(topic) ?? [];
    if (places.length === 0) byTopic.set(topic, places);
    places[partition] ??= { arrived: arrived.get(partitionName({ topic, partition })) ?? 0, batch: null };
    const place = places[partition];
    if (position <= place.arrived) continue;
    if (place.batch === null) {
      place.batch = { topic, partition, records: [record], lastPosition: position };
      batches.push(place.batch);
    } else {
      place.batch.records.push(record);
      place.batch.lastPosition = position;
    }
  }
  return { last: rows.at(-1)?.position ?? null, events: rows.length, batches };
}
