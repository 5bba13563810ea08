import type { Logger } from 'pino';
import type { KafkaSettings } from '../../libs/platform/kafka/kafka-settings.js';
import type { outsideRegistry } from '../../libs/platform/registry/outside-registry.js';
import { StartupError } from '../../libs/platform/settings/startup-error.js';

export interface RelayParts {
  databaseUrl: string;
  kafka: KafkaSettings;
  /** Null: the one that is built in. */
  registry: ReturnType<typeof outsideRegistry>;
  log: Logger;
}

export interface RunningRelay {
  /** Positions of the store, and for how long the oldest one that is not on Kafka has waited; s. */
  status(): Promise<{ position: number; lagPositions: number; lagSeconds: number }>;
  /** Why it will not relay by itself; null while it does, waits or stands by. */
  trouble(): string | null;
  close(): Promise<void>;
}

/** Starts the relay of a store; resolves when it stands by, and throws StartupError where a setting is wrong. */
export async function startRelay(_parts: RelayParts): Promise<RunningRelay> {
  throw new StartupError('--service relay: this Heddle has no relay.');
}
