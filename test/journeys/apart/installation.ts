import { SERVICES } from '../../../apps/services.js';
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
}

export interface ApartInstallation {
  url: string;
  close(): Promise<void>;
}

const PROCESSES = ['relay', 'access', 'conversation', 'conversation', 'analytics', 'analytics'] as const;

/** Services apart, two processes of those that may be many, their log on Kafka, and one address in front. */
export async function startApart(options: ApartOptions): Promise<ApartInstallation> {
  const { databaseUrl, brokers, prefix, rootKey, quota, port = 0 } = options;
  const env = {
    DATABASE_URL: databaseUrl,
    HEDDLE_ROOT_KEY: rootKey,
    HEDDLE_RATE_LIMIT: String(quota),
    KAFKA_BROKERS: brokers,
    HEDDLE_KAFKA_PREFIX: prefix,
  };
  const processes = await Promise.all(PROCESSES.map((name) => ServiceProcess.start(name, env)));
  const urlsOf = (name: string) => processes.filter((_, i) => PROCESSES[i] === name).map(({ url }) => url);
  const front = await Front.before(Object.fromEntries(SERVICES.map(({ name }) => [name, urlsOf(name)])), port);
  return {
    url: front.url,
    close: async () => {
      await front.end();
      await Promise.all(processes.map((one) => one.stop()));
    },
  };
}
