import { pathsOf, SERVICES, type Service } from '../../apps/services.js';
import type { Output } from './output.js';

const PORT = 4400;
const BROKERS = ['kafka-1', 'kafka-2', 'kafka-3'];
const READY = `fetch('http://127.0.0.1:${PORT}/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;

/** `docker-compose.yml`: each service a container of its own, and what they need. */
export function composeFile(): Output {
  const parts = [HEAD, ...SERVICES.map(serviceContainer), FRONT, POSTGRES, ...BROKERS.map(brokerContainer), VOLUMES];
  return { path: 'docker-compose.yml', text: parts.join('\n') };
}

/** A variable that docker compose refuses to start without. */
function needed(name: string): string {
  return `\${${name}:?set it in .env as docs/services-apart.md says}`;
}

const HEAD = `# Generated from apps/services.ts by npm run generate: do not edit. docs/services-apart.md says how to use it.

x-heddle: &heddle
  image: heddle
  build: .
  init: true
  restart: unless-stopped
  depends_on:
    postgres: { condition: service_healthy }
  healthcheck:
    test: ['CMD', 'node', '-e', "${READY}"]
    interval: 5s
    start_period: 60s

# One user signs in to Postgres for all; each service then takes on a role of its own there, heddle_<service>.
x-heddle-environment: &heddle-environment
  HEDDLE_HOST: 0.0.0.0
  HEDDLE_PORT: '${PORT}'
  DATABASE_URL: postgresql://heddle:${needed('HEDDLE_DATABASE_PASSWORD')}@postgres:5432/heddle
  KAFKA_BROKERS: ${BROKERS.map((broker) => `${broker}:9092`).join(',')}
  OTEL_EXPORTER_OTLP_ENDPOINT: \${OTEL_EXPORTER_OTLP_ENDPOINT:-}

x-kafka: &kafka
  image: apache/kafka:4.3.0
  restart: unless-stopped

x-kafka-environment: &kafka-environment
  CLUSTER_ID: aGVkZGxlLWNvbXBvc2UtMQ
  KAFKA_PROCESS_ROLES: broker,controller
  KAFKA_CONTROLLER_QUORUM_VOTERS: ${BROKERS.map((broker, i) => `${i + 1}@${broker}:9093`).join(',')}
  KAFKA_CONTROLLER_LISTENER_NAMES: CONTROLLER
  KAFKA_LISTENERS: PLAINTEXT://:9092,CONTROLLER://:9093
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
  KAFKA_LOG_DIRS: /var/lib/kafka/data
  KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false'
  KAFKA_DEFAULT_REPLICATION_FACTOR: '3'
  KAFKA_MIN_INSYNC_REPLICAS: '2'
  KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '3'
  KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '3'
  KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '2'

services:`;

/** The root key goes to those alone that check what keys they are asked with. */
function serviceContainer({ name, module }: Service): string {
  const rootKey = module === null ? '' : `\n      HEDDLE_ROOT_KEY: ${needed('HEDDLE_ROOT_KEY')}`;
  return `  ${name}:
    <<: *heddle
    command: ['--service', '${name}']
    environment:
      <<: *heddle-environment${rootKey}
`;
}

const FRONT = `  # One address for all, plain HTTP and for this machine alone. With HEDDLE_SITE=support.example.com Caddy gets a
  # certificate: then publish 80 and 443 instead.
  front:
    image: caddy:2
    restart: unless-stopped
    environment:
      HEDDLE_SITE: \${HEDDLE_SITE:-:8080}
${upstreams()}
    ports:
      - 127.0.0.1:\${HEDDLE_PORT:-${PORT}}:8080
    volumes:
      - ./deploy/Caddyfile:/etc/caddy/Caddyfile:ro
      - front:/data
`;

/** Where the proxy finds each service: set from outside where there are several processes of one. */
function upstreams(): string {
  return SERVICES.filter((service) => pathsOf(service).length > 0)
    .map(({ name }) => `      ${name.toUpperCase()}: \${${name.toUpperCase()}:-${name}:${PORT}}`)
    .join('\n');
}

const POSTGRES = `  postgres:
    image: postgres:18
    restart: unless-stopped
    shm_size: 256mb
    environment:
      POSTGRES_PASSWORD: ${needed('POSTGRES_PASSWORD')}
      HEDDLE_DATABASE_PASSWORD: ${needed('HEDDLE_DATABASE_PASSWORD')}
    volumes:
      - ./deploy/postgres:/docker-entrypoint-initdb.d:ro
      - postgres:/var/lib/postgresql
    healthcheck:
      # Over TCP: while the first start makes the database, the server listens on its socket only.
      test: ['CMD', 'pg_isready', '--host', '127.0.0.1', '--username', 'heddle', '--dbname', 'heddle']
      interval: 2s
      start_period: 60s
`;

function brokerContainer(broker: string, index: number): string {
  return `  ${broker}:
    <<: *kafka
    environment:
      <<: *kafka-environment
      KAFKA_NODE_ID: '${index + 1}'
      KAFKA_ADVERTISED_LISTENERS: PLAINTEXT://${broker}:9092
    volumes:
      - ${broker}:/var/lib/kafka/data
`;
}

const VOLUMES = `volumes:
${['front', 'postgres', ...BROKERS].map((name) => `  ${name}:\n`).join('')}`;
