import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';

/** Of every topic of events. It never changes: it decides in which partition a stream lies. */
export const PARTITIONS = 12;

/** The topics that hold the product's events, one a domain. */
export const EVENT_TOPICS: readonly string[] = [
  ...new Set(EVENT_SCHEMAS.map(({ domain }) => `heddle.${domain}`)),
].sort();
