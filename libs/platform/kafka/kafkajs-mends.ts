import { openConnectionsOnce } from './connection-pool.js';
import { quietenRequestQueue } from './request-queue.js';

/** What kafkajs 2.2.4 does wrong is put right for the whole process, before a client is made. */
export function mendKafkajs(): void {
  quietenRequestQueue();
  openConnectionsOnce();
}
