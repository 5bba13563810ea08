import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../free-port.js';
import { JsonOverHttp } from '../json-over-http.js';
import { OwnPostgres } from '../own-postgres.js';
import { ServerProcess } from '../server-process.js';
import { Front, type ServiceName } from './front.js';
import type { KafkaProgram } from './java-programs.js';
import { OwnKafka } from './own-kafka.js';

export interface InstallationOptions {
  /** Null: without Kafka, the log in the store alone. */
  program: KafkaProgram | null;
  folder: string;
  rootKey: string;
  services: readonly ServiceName[];
  /** Of a registry outside; null for the one that is built in. */
  registryUrl?: string | null;
  /** Where Kafka keeps its log. */
  segments?: string;
  /** Further variables, of each process. */
  env?: Readonly<Record<string, string>>;
}

/** How long services may take to learn of a new key. */
const KEY_KNOWN_WITHIN_MS = 60_000;
/** All start at once, beside a Kafka that does. */
const STARTED_WITHIN_MS = 240_000;

const FIRST_PATHS: Partial<Record<ServiceName, string>> = {
  conversation: '/v1/customers?limit=1',
  analytics: '/v1/analytics/conversations?limit=1',
  events: '/v1/events?limit=1',
  webhooks: '/v1/webhook_endpoints?limit=1',
};

/** Services apart on a Postgres, and mostly a Kafka, of their own, with one address in front. */
export class Installation {
  readonly processes: { service: ServiceName; process: ServerProcess }[] = [];
  #front: Front | null = null;
  #sql: pg.Pool | null = null;

  private constructor(
    readonly options: InstallationOptions,
    readonly postgres: OwnPostgres,
    readonly databaseUrl: string,
    private readonly ownKafka: OwnKafka | null,
  ) {}

  static async start(options: InstallationOptions): Promise<Installation> {
    const { folder, program, segments } = options;
    const postgres = await OwnPostgres.create(join(folder, 'postgres'));
    const starting = program === null ? null : OwnKafka.create(program, join(folder, 'kafka'), segments);
    const kafka = await Promise.resolve(starting).catch(async (error) => {
      await postgres.destroy();
      throw error;
    });
    const installation = new Installation(options, postgres, await postgres.createDatabase('heddle'), kafka);
    try {
      await installation.#startServices();
    } catch (error) {
      await installation.end();
      throw error;
    }
    return installation;
  }

  get kafka(): OwnKafka {
    return this.ownKafka!;
  }

  get port(): number {
    return this.#front!.port;
  }

  get registryUrl(): string {
    return this.options.registryUrl ?? `http://127.0.0.1:${this.port}/registry`;
  }

  of(service: ServiceName): ServerProcess[] {
    return this.processes.filter((one) => one.service === service).map(({ process }) => process);
  }

  /** A process that is not started yet. */
  async add(service: ServiceName): Promise<ServerProcess> {
    const { folder, rootKey, registryUrl, env: more = {} } = this.options;
    const dataDir = join(folder, `${service}-${this.processes.length}`);
    const env = {
      ...(this.ownKafka === null ? {} : { KAFKA_BROKERS: this.ownKafka.address }),
      ...(registryUrl ? { SCHEMA_REGISTRY_URL: registryUrl } : {}),
      ...more,
    };
    const settings = { port: await freePort(), dataDir, rootKey, databaseUrl: this.databaseUrl, service, env };
    const process = new ServerProcess(settings, 'program');
    this.processes.push({ service, process });
    return process;
  }

  /** As the owner of the database: sees every workspace. */
  async rows<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    if (this.#sql === null) {
      this.#sql = new pg.Pool({ connectionString: this.databaseUrl, max: 2 });
      this.#sql.on('error', () => {});
    }
    return (await this.#sql.query<Row>(text, values)).rows;
  }

  /** The API tells of keys that are known everywhere only after a while: each service follows the log by itself. */
  async untilKeyIsKnown(key: string): Promise<void> {
    const client = new JsonOverHttp(this.port, key);
    try {
      for (const path of this.options.services.flatMap((service) => FIRST_PATHS[service] ?? [])) {
        const deadline = performance.now() + KEY_KNOWN_WITHIN_MS;
        // In turn: each process of a service must know it.
        for (let known = 0; known < 4; ) {
          const { status } = await client.send('GET', path);
          known = status === 401 ? 0 : known + 1;
          if (performance.now() > deadline) throw new Error(`GET ${path} is answered ${status} to a new key`);
          if (status === 401) await sleep(50);
        }
      }
    } finally {
      client.close();
    }
  }

  /** Copies what all its programs said, the broker's threads and the relay's row; resolves to the folder. */
  async keepEvidence(): Promise<string> {
    const evidence = await mkdtemp(join(tmpdir(), 'heddle-faults-evidence-'));
    await this.kafka.dumpThreads();
    const logs = [this.kafka.logFile, ...this.processes.map(({ process }) => process.logFile)];
    await Promise.all(logs.map((log) => copyFile(log, join(evidence, basename(log)))));
    const relay = await this.rows('select now(), * from log.relay');
    await writeFile(join(evidence, 'relay.json'), JSON.stringify(relay, null, 2));
    return evidence;
  }

  async end(): Promise<void> {
    await this.#front?.close();
    await Promise.all(this.processes.map(({ process }) => process.end()));
    await this.#sql?.end();
    await this.ownKafka?.destroy();
    await this.postgres.destroy();
  }

  async #startServices(): Promise<void> {
    for (const service of this.options.services) await this.add(service);
    await Promise.all(this.processes.map(({ process }) => process.start(STARTED_WITHIN_MS)));
    this.#front = await Front.open((service) =>
      this.of(service)
        .filter(({ hasEnded }) => !hasEnded)
        .map(({ settings }) => settings.port),
    );
  }
}
