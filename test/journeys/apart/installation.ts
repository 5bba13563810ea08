import { SERVES_THE_REST, SERVICES, type Service, type ServiceName } from '../../../apps/services.js';
import type { Printed } from '../programs.js';
import { Front } from './front.js';
import { ServiceProcess } from './service-process.js';

export interface ApartOptions {
  databaseUrl: string;
  brokers: string;
  /** What the names of topics begin with. */
  prefix: string;
  rootKey: string;
  /** Requests a second for each key. */
  quota: number;
  /** 0: any. */
  port?: number;
  /** One process of each service is enough. */
  once?: boolean;
  /** Further variables of each process. */
  variables?: Readonly<Record<string, string>>;
}

/** A process, and where it answers, also what the address in front does not pass on. */
export interface RunningProcess {
  /** Null where it runs all of them. */
  service: ServiceName | null;
  url: string;
}

export interface ApartInstallation {
  url: string;
  processes: readonly RunningProcess[];
  /** What a further process of it is started with. */
  environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** One of which this process is the parent. */
export interface StartedApart extends ApartInstallation {
  /** All that its processes have printed so far. */
  said(): Printed;
}

/** Two of what any number may run of; one relay carries at a time, and one access is enough for a test. */
function processesOf({ name, module }: Service): ServiceName[] {
  return module === null || name === SERVES_THE_REST ? [name] : [name, name];
}

/** What to start so that every service of the table runs. */
export const PROCESSES: readonly ServiceName[] = SERVICES.flatMap(processesOf);
/** Without the relay: where the log is the store itself. */
export const SERVING_PROCESSES: readonly ServiceName[] = SERVICES.filter(({ module }) => module !== null).flatMap(
  processesOf,
);

/** Services apart, two processes of those that may be many, their log on Kafka, and one address in front. */
export async function startApart(options: ApartOptions): Promise<StartedApart> {
  const { databaseUrl, brokers, prefix, rootKey, quota, port = 0, once = false, variables = {} } = options;
  const names = once ? SERVICES.map(({ name }) => name) : PROCESSES;
  const shared = {
    // A topic for each of the hundreds of workspaces that journeys make would be all that the broker does.
    HEDDLE_RAW_TOPICS: 'false',
    // Receivers of the tests are on loopback.
    HEDDLE_WEBHOOK_HTTP: 'true',
    HEDDLE_WEBHOOK_NETWORKS: '127.0.0.0/8',
    ...variables,
    DATABASE_URL: databaseUrl,
    HEDDLE_RATE_LIMIT: String(quota),
    KAFKA_BROKERS: brokers,
    HEDDLE_KAFKA_PREFIX: prefix,
  };
  const environment = { ...shared, HEDDLE_ROOT_KEY: rootKey };
  const processes = await Promise.all(
    names.map((name) => ServiceProcess.start(name, SERVING_PROCESSES.includes(name) ? environment : shared)),
  );
  const running = processes.map(({ url }, i) => ({ service: names[i]!, url }));
  const urlsOf = (name: string) => running.filter(({ service }) => service === name).map(({ url }) => url);
  const front = await Front.before(Object.fromEntries(SERVICES.map(({ name }) => [name, urlsOf(name)])), port);
  return {
    url: front.url,
    processes: running,
    environment,
    said: () => {
      const printed = processes.map((one) => one.said());
      return { out: printed.map(({ out }) => out).join(''), err: printed.map(({ err }) => err).join('') };
    },
    close: async () => {
      // A proxy outlives what is behind it, whose last words it passes on.
      await Promise.all(processes.map((one) => one.stop()));
      await front.end();
    },
  };
}
