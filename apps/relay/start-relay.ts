import { type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { EventCodec } from '../../libs/platform/event-codec/event-codec.js';
import type { KafkaSettings } from '../../libs/platform/kafka/kafka-settings.js';
import { migrate } from '../../libs/platform/postgres/migrate.js';
import type { RegistryClientOptions } from '../../libs/platform/registry/registry-client.js';
import { KafkaEngine } from '../../libs/platform/runtime/kafka-engine.js';
import { registerKafkaMetrics } from '../../libs/platform/runtime/kafka-metrics.js';
import { migrationsOf, servicesOf } from '../../libs/platform/runtime/migrations.js';
import { registerProjectionMetrics } from '../../libs/platform/runtime/runtime-metrics.js';

export interface RelayParts {
  databaseUrl: string;
  kafka: KafkaSettings;
  /** Null: the one that is built in. */
  registry: RegistryClientOptions | null;
  log: Logger;
}

export interface RunningRelay {
  /** Adds how far it is, and the feed, to a process's metrics. */
  register(metrics: Registry): void;
  /** Why it will not relay by itself; null while it does, waits or stands by. */
  trouble(): string | null;
  close(): Promise<void>;
}

/** It has no handlers of its own: what it follows is the feed. */
@Module({})
class RelayModule {}

/** Starts the relay of a store; resolves when it stands by, and throws StartupError where a setting is wrong. */
export async function startRelay({ databaseUrl, kafka, registry, log }: RelayParts): Promise<RunningRelay> {
  await migrate(databaseUrl, servicesOf([]), migrationsOf([]));
  const codec = new EventCodec(EVENT_SCHEMAS);
  const engine = new KafkaEngine({ databaseUrl, kafka, registry, relays: true, codec, log });
  let app: INestMicroservice | null = null;
  try {
    app = await NestFactory.createMicroservice(RelayModule, {
      strategy: engine.consumers,
      logger: false,
      abortOnError: false,
    });
    await engine.start();
    await app.listen();
  } catch (error) {
    await app?.close();
    await engine.close();
    throw error;
  }
  const relay = engine.relay!;
  return {
    register: (metrics) => {
      registerKafkaMetrics(metrics, engine);
      registerProjectionMetrics(metrics, () => engine.feedStatus());
    },
    trouble: () => relay.trouble,
    close: async () => {
      await app.close();
      await engine.close();
    },
  };
}
