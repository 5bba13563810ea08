import { type EventTable, PostgresEventLog } from '../event-log/postgres-event-log.js';

const FEED_TABLE: EventTable = {
  relation: 'feed.log',
  end: 'select through from feed.readable',
  channel: 'heddle_feed',
};

/** The feed of an installation whose log is on Kafka, read as the embedded log is: by the store's positions. */
export function feedLog(url: string): PostgresEventLog {
  return new PostgresEventLog(url, 'heddle_feed', FEED_TABLE);
}
