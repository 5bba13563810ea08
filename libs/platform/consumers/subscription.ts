import type { Lane } from '../projections/lane.js';
import type { StoredProgress } from '../projections/stored-progress.js';

/** The consumer group of a subscription: another store's processes, which have cursors of their own, are in another one. */
export function groupOf({ group }: Subscription, store: string): string {
  return `${group}.${store.slice(0, 8)}`;
}

/** What consumes topics as one consumer group: a projection, or the feed. */
export interface Subscription {
  /** The projection's name. */
  name: string;
  /** `heddle.<service>.<projection>`, to which the first 8 digits of the store's id are added: whoever names it shares the work. */
  group: string;
  /** The event types that it wants; their topics are consumed, and others are passed over undecoded. */
  types: readonly string[];
  /** Whether it wants events of types, too, that only a newer version knows: it stops before them. */
  whole?: boolean | undefined;
  /** Where they lie; `heddle.<domain>` unless said. */
  topics: readonly string[];
  /** Whether records may come together for a moment before they are fetched. */
  gathers?: boolean | undefined;
  /** What its rows say of all partitions; asked for once a second. Where it is left out, only those here are known. */
  stored?: () => Promise<StoredProgress>;
  /** Its place on a partition, such as `heddle.conversation/7`. Asked for once a partition and process. */
  lane(partition: string): Lane;
}
