import type { SealedEvent } from '../event-codec/sealed-event.js';
import type { StoredEvent } from '../event-log/event-log.js';
import { idToBytes } from '../kernel/id.js';
import { byteaArray, int4Array, int8Array, textArray, timestampArray, uuidArray } from '../postgres/binary-array.js';
import type { SqlStatement } from '../postgres/connection.js';
import type { Fold } from '../projections/fold.js';
import { blamingEvents } from '../projections/poison.js';

interface Decoder {
  decode(fingerprint: Buffer, payload: Buffer): SealedEvent;
}

/** Puts events, as they are, in the place that they have in their store; also where one was set aside before. */
export class FeedFold implements Fold {
  constructor(private readonly decoder: Decoder) {}

  statements(events: readonly StoredEvent[]): Promise<SqlStatement[]> {
    return blamingEvents(() => {
      const rows = events.map((event) => ({ ...event, ...this.decode(event) }));
      return [
        {
          name: 'feed_insert',
          text: `insert into feed.events
                   (position, workspace, stream, seq, type, recorded_at, schema_fingerprint, payload)
                 select * from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::integer[], $5::text[],
                                      $6::timestamptz[], $7::bytea[], $8::bytea[])
                 on conflict (position) do update
                   set (workspace, stream, seq, type, recorded_at, schema_fingerprint, payload) =
                       (excluded.workspace, excluded.stream, excluded.seq, excluded.type, excluded.recorded_at,
                        excluded.schema_fingerprint, excluded.payload)
                 where events.payload is null`,
          values: [
            int8Array(rows.map(({ storePosition }) => storePosition)),
            uuidArray(rows.map(({ meta }) => idToBytes(meta.workspace))),
            uuidArray(rows.map(({ meta }) => idToBytes(meta.stream))),
            int4Array(rows.map(({ meta }) => meta.seq)),
            textArray(rows.map(({ type }) => type)),
            timestampArray(rows.map(({ meta }) => meta.recorded_at)),
            byteaArray(rows.map(({ fingerprint }) => fingerprint)),
            byteaArray(rows.map(({ payload }) => payload)),
          ],
        },
      ];
    });
  }

  /** What stands in the place of an event that cannot be read: readers go on past it. */
  insteadOf({ storePosition }: StoredEvent): SqlStatement[] {
    if (storePosition === 0) return [];
    const text = 'insert into feed.events (position) values ($1) on conflict do nothing';
    return [{ text, values: [storePosition] }];
  }

  decoded(event: StoredEvent): SealedEvent | null {
    try {
      return this.decode(event);
    } catch {
      return null;
    }
  }

  forget(): void {}

  private decode({ storePosition, fingerprint, payload }: StoredEvent): SealedEvent {
    // What is no event says why.
    const event = this.decoder.decode(fingerprint, payload);
    if (storePosition === 0) throw new Error('The record does not say where in the store its event is.');
    return event;
  }
}
