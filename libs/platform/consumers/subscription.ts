import type { Lane } from '../projections/lane.js';

/** What consumes topics as one consumer group: a projection, or the feed. */
export interface Subscription {
  /** The projection's name. */
  name: string;
  /** `heddle.<service>.<projection>`: every process that names it shares the work. */
  group: string;
  /** The event types that it wants; their topics are consumed, and others are passed over undecoded. */
  types: readonly string[];
  /** Where they lie; `heddle.<domain>` unless said. */
  topics: readonly string[];
  /** Its place on a partition, such as `heddle.conversation/7`. Asked for once a partition and process. */
  lane(partition: string): Lane;
}
