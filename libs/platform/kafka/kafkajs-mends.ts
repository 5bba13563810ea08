import { openConnectionsOnce } from './connection-pool.js';
import { readAnswersLean } from './fetch-answers.js';
import { encodeProduceAtOnce } from './produce-encoding.js';
import { quietenRequestQueue } from './request-queue.js';

/** What kafkajs 2.2.4 does wrong or wastefully is put right for the whole process, before a client is made. */
export function mendKafkajs(): void {
  quietenRequestQueue();
  openConnectionsOnce();
  encodeProduceAtOnce();
  readAnswersLean();
}
