export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
export type SaslMechanism = (typeof SASL_MECHANISMS)[number];

/** How to reach a Kafka, and what its topics are made with. */
export interface KafkaSettings {
  /** `host:port` of one or more; the others of the cluster are learned from these. */
  brokers: string[];
  /** The paths of PEM files, read at each start; null: nothing is encrypted. */
  tls: {
    /** Whom to trust; null: the authorities that Node.js trusts. */
    ca: string | null;
    /** Who we are, where the brokers ask for it. */
    client: { cert: string; key: string } | null;
  } | null;
  sasl: { mechanism: SaslMechanism; username: string; password: string } | null;
  /** What the names of topics and consumer groups begin with. */
  prefix: string;
  /** Copies of each partition; null: one a broker, and three at most. */
  replication: number | null;
  /** Whether workspaces have raw topics: true where it is left out. */
  rawTopics?: boolean;
}

const USUAL_REPLICATION = 3;

/** The copies of each partition in a cluster of so many brokers. */
export function replicationFor({ replication }: Pick<KafkaSettings, 'replication'>, brokers: number): number {
  return replication ?? Math.min(USUAL_REPLICATION, brokers);
}
