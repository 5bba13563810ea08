import { type Command, Option } from 'commander';
import { type LogHome, readHome } from '../../../libs/platform/event-store/log-home.js';
import { checkKafka, reachKafka } from '../../../libs/platform/kafka/kafka-check.js';
import { kafkaConfig } from '../../../libs/platform/kafka/kafka-config.js';
import type { KafkaSettings } from '../../../libs/platform/kafka/kafka-settings.js';
import { makeKafka } from '../../../libs/platform/kafka/kafkajs-client.js';
import { Topics } from '../../../libs/platform/kafka/topics.js';
import { makeLogger } from '../../../libs/platform/observability/logger.js';
import { newClient } from '../../../libs/platform/postgres/client.js';
import { Connection } from '../../../libs/platform/postgres/connection.js';
import type { Registry } from '../../../libs/platform/relay/registry-binding.js';
import { requireDestination } from '../../../libs/platform/relay/relay-preparation.js';
import type { Domain } from '../../../libs/platform/runtime/domain-module.js';
import { loadSettings } from '../../../libs/platform/settings/settings.js';
import { Failure } from '../failure.js';
import type { Surroundings } from '../operation-command.js';
import { writeLine } from '../terminal.js';
import { type Environment, withDatabase } from './database.js';
import { type MigrationProgress, migrateLog, verifyLog } from './migrate-log.js';
import { reconcileLog } from './reconcile-log.js';
import { withRegistry } from './registry.js';
import { resendLog } from './resend-log.js';
import { StepLine } from './step-line.js';

const BAR = 24;

function progressText({ step, position, end, waits }: MigrationProgress): string {
  const part = end === 0 ? 1 : Math.min(1, position / end);
  const bar = '█'.repeat(Math.floor(part * BAR)).padEnd(BAR, '░');
  return `${step} ${bar} ${position} of ${end}${waits === null ? '' : ` (${waits})`}`;
}

interface OnKafka {
  url: string;
  settings: KafkaSettings;
  registry: Registry;
  /** Kafka's id of the cluster. */
  cluster: string;
}

/** Runs `work` on the store and the Kafka of the settings. Throws Failure where there is none, or it is not safe. */
async function withKafka<T>(env: Environment, work: (on: OnKafka) => Promise<T>): Promise<T> {
  const settings = loadSettings(env);
  const { kafka } = settings;
  if (kafka === null)
    throw new Failure('KAFKA_BROKERS is not set: name the brokers, such as KAFKA_BROKERS=kafka-1:9092.');
  const log = makeLogger('silent');
  const cluster = await reachKafka(kafka, log);
  await checkKafka(kafka, log);
  return withDatabase(env, false, (url) =>
    withRegistry(settings, url, (registry) => work({ url, settings: kafka, registry, cluster })),
  );
}

/** Throws StartupError where the store's events are elsewhere, and Failure where these topics are not there. */
async function requireTopics({ url, settings, cluster }: OnKafka): Promise<void> {
  const connection = new Connection({ url, applicationName: 'heddle log' });
  const { prefix } = settings;
  const admin = makeKafka(kafkaConfig(settings, makeLogger('silent'))).admin();
  try {
    await requireDestination(connection, { prefix, cluster });
    await admin.connect();
    const there = new Set(await admin.listTopics());
    const missing = new Topics(prefix).all.find((topic) => !there.has(topic));
    if (missing === undefined) return;
    throw new Failure(
      `Kafka at ${settings.brokers.join(', ')} has no topic ${missing}: correct KAFKA_BROKERS or HEDDLE_KAFKA_PREFIX, or run \`heddle log migrate --to kafka\` first.`,
    );
  } finally {
    await Promise.all([connection.close(), admin.disconnect().catch(() => undefined)]);
  }
}

/** Where the log of a store is, and since when. Throws Failure for a database of an older version, or without a store. */
async function homeOf(url: string): Promise<{ kind: LogHome; since: Date }> {
  const client = newClient({ connectionString: url, application_name: 'heddle log home' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ there: boolean }>(
      `select to_regclass('log.relay') is not null and exists (
         select from information_schema.columns where table_schema = 'log' and column_name = 'confirmed_at') as there`,
    );
    if (!rows[0]!.there)
      throw new Failure('The database holds no store of this version: start this Heddle on it once.');
    return await readHome({ query: ({ text }) => client.query(text) });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function secondsSince(began: number): number {
  return Math.round(performance.now() - began) / 1000;
}

/** `heddle log …`: where the events of this installation are kept. */
export function addLog(program: Command, domains: readonly Domain[], { env, terminal }: Surroundings): void {
  const group = program.command('log').helpCommand(false).summary('migrate, verify, reconcile, resend');
  group.description('The log: every event of the installation, in the store and on Kafka.');
  const line = new StepLine(terminal);

  group
    .command('migrate')
    .description(
      'Carry all events to Kafka (KAFKA_BROKERS) while Heddle is in use, and compare; call it again to go on',
    )
    .addOption(new Option('--to <home>', 'where to').choices(['kafka']).makeOptionMandatory())
    .action(async () => {
      const began = performance.now();
      const migrated = await withKafka(env, async ({ url, ...kafka }) => {
        const { kind, since } = await homeOf(url);
        if (kind === 'kafka') {
          const day = since.toISOString().slice(0, 10);
          throw new Failure(`The log of this store is on Kafka since ${day}: there is nothing to carry.`);
        }
        return migrateLog(url, { ...kafka, onProgress: (progress) => line.show(progressText(progress)) });
      }).finally(() => line.end());
      await writeLine(terminal.out, JSON.stringify({ ...migrated, seconds: secondsSince(began) }));
      await writeLine(
        terminal.err,
        'All of it is on Kafka. Start Heddle again with KAFKA_BROKERS set: what was written meanwhile is carried then.',
      );
    });

  group
    .command('verify')
    .description('Hold everything that readers get from Kafka against the store, up to where the relay is')
    .action(async () => {
      const began = performance.now();
      const verified = await withKafka(env, async (on) => {
        await homeOf(on.url);
        await requireTopics(on);
        return verifyLog(on.url, { ...on, onProgress: (progress) => line.show(progressText(progress)) });
      }).finally(() => line.end());
      await writeLine(terminal.out, JSON.stringify({ ...verified, seconds: secondsSince(began) }));
    });

  group
    .command('resend')
    .description(
      'Send again what Kafka has lost of the log, or all of it to other topics; read models are then rebuilt',
    )
    .action(async () => {
      const { position, stopped } = await withKafka(env, async ({ url, settings }) => {
        const isOnKafka = (await homeOf(url)).kind === 'kafka';
        return resendLog(url, domains, { prefix: settings.prefix, isOnKafka });
      });
      await writeLine(terminal.out, JSON.stringify({ position, stopped }));
      await writeLine(terminal.err, 'The relay compares all of it, and sends what is missing.');
      if (stopped.length > 0) {
        const commands = stopped.map((name) => `heddle projection rebuild ${name}`).join('; ');
        await writeLine(terminal.err, `When \`heddle log verify\` finds them equal: ${commands}`);
      }
    });

  group
    .command('reconcile')
    .description('Bring back from Kafka what a store has lost that was put back to an earlier moment, and let it go on')
    .action(async () => {
      const began = performance.now();
      const reconciled = await withKafka(env, async (on) => {
        await homeOf(on.url);
        await requireTopics(on);
        return reconcileLog(on.url, domains, on, (events) => line.show(`reconcile: ${events} events are back`));
      }).finally(() => line.end());
      const { events, end, missing, lost } = reconciled;
      const { people, claims } = lost;
      const summary = { events, position: end, missing, erased_people: people, freed_names: claims };
      await writeLine(terminal.out, JSON.stringify({ ...summary, seconds: secondsSince(began) }));
      if (missing.length > 0) {
        await writeLine(
          terminal.err,
          `${missing.length} events are neither in the store nor on Kafka; their positions stay empty.`,
        );
      }
    });
}
