import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_SCHEMAS } from '../../../libs/contract/generated/event-schemas.js';
import { KafkaEventLog } from '../../../libs/platform/event-log/kafka/kafka-event-log.js';
import { RegistrySchemaIds } from '../../../libs/platform/event-log/kafka/schema-ids.js';
import { storeIdOf } from '../../../libs/platform/event-store/store-id.js';
import { kafkaConfig } from '../../../libs/platform/kafka/kafka-config.js';
import type { KafkaSettings } from '../../../libs/platform/kafka/kafka-settings.js';
import { Topics } from '../../../libs/platform/kafka/topics.js';
import { makeLogger } from '../../../libs/platform/observability/logger.js';
import { Connection } from '../../../libs/platform/postgres/connection.js';
import { type ComparedLog, compareLogs, DifferenceError } from '../../../libs/platform/relay/log-comparison.js';
import { RecordMaker } from '../../../libs/platform/relay/record-maker.js';
import { type Registry, recordedIds } from '../../../libs/platform/relay/registry-binding.js';
import { Relay } from '../../../libs/platform/relay/relay.js';
import { Failure } from '../failure.js';

export interface MigrationProgress {
  step: 'carry' | 'check';
  position: number;
  /** Where the store ends, or the check. */
  end: number;
  /** Why nothing moves at the moment; null while it does. */
  waits: string | null;
}

export interface MigratedLog extends ComparedLog {
  /** Every event through here is on Kafka, and was compared. */
  position: number;
}

export interface VerifiedLog extends MigratedLog {
  /** Events of the store that the relay has yet to carry. */
  not_carried: number;
}

export interface MigrationOptions {
  settings: KafkaSettings;
  registry: Registry;
  onProgress: (progress: MigrationProgress) => void;
}

const LEASE_MS = 3000;
const LOOK_EVERY_MS = 100;
/** Without any step ahead for so long, it is given up. */
const PATIENCE_MS = 60_000;
/** An installation in use is never at its end: so near is near enough, and its next start carries the rest. */
const NEAR = 1000;

/**
 * Carries a store's events to Kafka while it goes on taking them, and holds what readers get there against the store.
 * Where it was ended it goes on by the relay's checkpoint. Throws Failure of one line.
 */
export async function migrateLog(databaseUrl: string, options: MigrationOptions): Promise<MigratedLog> {
  const connection = new Connection({ url: databaseUrl, role: 'heddle_relay', applicationName: 'heddle log migrate' });
  try {
    const position = await carry(databaseUrl, connection, options);
    return { position, ...(await check(connection, position, options)) };
  } catch (error) {
    if (error instanceof DifferenceError) throw new Failure(`${error.message} Do not move this installation to Kafka.`);
    throw error;
  } finally {
    await connection.close();
  }
}

/** Holds what is on Kafka by the relay's checkpoint against the store. Throws Failure of one line. */
export async function verifyLog(databaseUrl: string, options: MigrationOptions): Promise<VerifiedLog> {
  const connection = new Connection({ url: databaseUrl, role: 'heddle_relay', applicationName: 'heddle log verify' });
  try {
    const position = (await relayedTo(connection)) ?? 0;
    const compared = await check(connection, position, options);
    return { position, ...compared, not_carried: Math.max(0, (await endOf(connection)) - position) };
  } catch (error) {
    if (error instanceof DifferenceError) throw new Failure(error.message);
    throw error;
  } finally {
    await connection.close();
  }
}

/** Returns the position through which everything is on Kafka. */
async function carry(databaseUrl: string, connection: Connection, options: MigrationOptions): Promise<number> {
  const { settings, registry, onProgress } = options;
  const log = makeLogger('silent');
  const { prefix, replication } = settings;
  const relay = new Relay({
    databaseUrl,
    kafka: kafkaConfig(settings, log),
    registry,
    log,
    topicPrefix: prefix,
    leaseMs: LEASE_MS,
    replication,
  });
  await relay.start();
  try {
    const goal = await endOf(connection);
    let last = -1;
    let movedAt = performance.now();
    for (;;) {
      const { state, reason, position, lagPositions } = await relay.status();
      onProgress({
        step: 'carry',
        position,
        end: position + lagPositions,
        waits: state === 'standby' ? OTHER : reason,
      });
      if (relay.trouble !== null) throw new Failure(relay.trouble);
      const relays = state === 'idle' || state === 'relaying';
      if (relays && (lagPositions === 0 || (position >= goal && lagPositions <= NEAR))) break;
      if (position !== last) movedAt = performance.now();
      last = position;
      if (performance.now() - movedAt > PATIENCE_MS) {
        throw new Failure(`Nothing was carried for a minute (${reason ?? OTHER}). Call it again to go on.`);
      }
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    await relay.close();
  }
  return (await relayedTo(connection)) ?? 0;
}

const OTHER = 'another relay carries this store';

async function check(connection: Connection, upTo: number, options: MigrationOptions): Promise<ComparedLog> {
  const { settings, registry, onProgress } = options;
  const names = new Topics(settings.prefix);
  const store = await storeIdOf(connection)();
  const ids = new RegistrySchemaIds(registry);
  const log = new KafkaEventLog({
    kafka: kafkaConfig(settings, makeLogger('silent')),
    ids,
    store: storeIdOf(connection),
    topics: names,
  });
  const records = new RecordMaker(EVENT_SCHEMAS, names, store, await recordedIds(connection), connection);
  try {
    return await compareLogs({
      connection,
      log,
      records,
      contract: EVENT_SCHEMAS,
      upTo,
      onProgress: (position) => onProgress({ step: 'check', position, end: upTo, waits: null }),
    });
  } finally {
    await log.close();
  }
}

async function endOf(connection: Connection): Promise<number> {
  const { rows } = await connection.query<{ end: number }>({
    text: 'select coalesce(max(position), 0) as "end" from log.events',
  });
  return Number(rows[0]!.end);
}

async function relayedTo(connection: Connection): Promise<number | null> {
  const { rows } = await connection.query<{ position: number }>({ text: 'select position from log.relay' });
  return rows[0] === undefined ? null : Number(rows[0].position);
}
