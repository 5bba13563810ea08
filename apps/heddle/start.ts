import type { Logger } from 'pino';
import { checkKafka } from '../../libs/platform/kafka/kafka-check.js';
import type { Traces } from '../../libs/platform/observability/traces.js';
import type { outsideRegistry } from '../../libs/platform/registry/outside-registry.js';
import type { Settings } from '../../libs/platform/settings/settings.js';

/** What a start works with. */
export interface Start {
  settings: Settings;
  /** Null: the one that is built in. */
  registry: ReturnType<typeof outsideRegistry>;
  log: Logger;
  /** Null: none are made. */
  traces: Traces | null;
  version: string;
  /** Adds what is to be ended; the last is ended first. */
  onEnd(end: () => Promise<void>): void;
}

/** After all that can be refused without a look at it. Throws StartupError where Kafka refuses us, or is not safe. */
export async function lookAtKafka({ settings, log }: Start): Promise<void> {
  if (settings.log === 'kafka' && settings.kafka !== null) await checkKafka(settings.kafka, log);
}
