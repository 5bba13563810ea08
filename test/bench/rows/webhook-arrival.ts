import type { Bench } from '../bench.js';
import type { Figure } from '../figures.js';
import { kafkaEnv, sharedKafka, startProcess } from '../kafka/kafka-bench.js';
import { arrivalFigure, measureWebhookArrival } from '../webhook-arrival.js';
import { startWhole, WEBHOOKS_HERE } from '../webhook-backlog.js';

/** From a message's append to its delivery, the log in the store. One stretch of a minute: it has 3,000 deliveries. */
export async function webhookArrival(bench: Bench): Promise<Figure[]> {
  const server = await startWhole(bench, 'webhook-arrival', await bench.postgres.createDatabase('webhook_arrival'));
  try {
    return [arrivalFigure(await measureWebhookArrival(bench, server), 'embedded', { p50: 5, p99: 20 })];
  } finally {
    await server.end();
  }
}

/** The same with the log on Kafka. */
export async function webhookArrivalOnKafka(bench: Bench): Promise<Figure[]> {
  const kafka = await sharedKafka(bench);
  const databaseUrl = await bench.postgres.createDatabase('webhook_arrival_on_kafka');
  const env = { ...kafkaEnv(kafka, 'webhook-arrival'), ...WEBHOOKS_HERE };
  const server = await startProcess(bench, 'webhook-arrival-on-kafka', databaseUrl, env);
  try {
    return [arrivalFigure(await measureWebhookArrival(bench, server), 'on Kafka', { p50: 20, p99: 60 })];
  } finally {
    await server.end();
  }
}
