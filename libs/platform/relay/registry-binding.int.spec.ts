import pg from 'pg';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { Connection } from '../postgres/connection.js';
import { migrate } from '../postgres/migrate.js';
import { RegistryRefusal } from '../registry/registry-client.js';
import { StartupError } from '../settings/startup-error.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { bindRegistry, type Registry, recordedIds } from './registry-binding.js';

const LOG = ['libs/platform/event-store/migrations', 'libs/platform/relay/migrations'];

/** Gives ids by `idOf` the n-th schema, and tells nothing of an id that it has not given. */
class PlainRegistry implements Registry {
  readonly schemas = new Map<unknown, string>();

  constructor(private readonly idOf: (n: number) => unknown) {}

  async schema(id: number): Promise<string> {
    const schema = this.schemas.get(id);
    if (schema === undefined) throw new RegistryRefusal(40403, 'Schema not found');
    return schema;
  }

  async register(_subject: string, schema: string): Promise<number> {
    const id = this.idOf(this.schemas.size);
    this.schemas.set(id, schema);
    return id as number;
  }

  level = async () => 'FULL_TRANSITIVE' as const;
  setLevel = async () => undefined;
}

let database: TestDatabase;
let connection: Connection;
let sql: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(
    database.url,
    [],
    LOG.map((folder) => ({ schema: 'log', folder })),
  );
  connection = new Connection({ url: database.url, role: 'heddle_relay', applicationName: 'a test of the binding' });
  sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
});
afterEach(async () => {
  await connection.close();
  await sql.end();
  await database.drop();
});

const from = (first: number) => new PlainRegistry((n) => first + n);
const bind = (registry: Registry, contract = EVENT_SCHEMAS) => bindRegistry(connection, registry, contract);
const idsFrom = (first: number) => new Set(EVENT_SCHEMAS.map((_, n) => first + n));
const recorded = async () => new Set((await recordedIds(connection)).values());
const relayed = (lastPosition: number) =>
  sql.query(
    `insert into log.relay_partitions (topic, partition, end_offset, last_position) values ('heddle.user', 3, 9, $1)`,
    [lastPosition],
  );

test.each<[string, (n: number) => unknown]>([
  ['no id', () => undefined],
  ['0', (n) => n],
  ['negative ids', (n) => -1 - n],
  ['ids of more than four bytes', (n) => 2_147_483_648 + n],
  ['fractions', (n) => n + 0.5],
  ['texts', (n) => String(n + 1)],
  ['the same id twice', (n) => 1 + (n % 3)],
])('a registry that gives %s is refused, and nothing is recorded', async (_, idOf) => {
  const refused = bind(new PlainRegistry(idOf));
  await expect(refused).rejects.toThrow(StartupError);
  await expect(refused).rejects.toThrow(/^SCHEMA_REGISTRY_URL: what answers there gave \S+ the id [^\n]*\.$/);
  expect(await recorded()).toEqual(new Set());
});

test('an id that another schema was recorded with is refused', async () => {
  const [one, ...others] = EVENT_SCHEMAS;
  const registry = from(7);
  await bind(registry, [one!]);
  const again = new PlainRegistry(() => 7);
  again.schemas.set(7, registry.schemas.get(7)!);
  await expect(bind(again, [one!, others[0]!])).rejects.toThrow(/gave \S+ the id 7, and an id must be/);
  expect(await recorded()).toEqual(new Set([7]));
});

test('a wrong registry that was taken first is left for the right one while nothing is on Kafka', async () => {
  await bind(from(1));
  expect((await bind(from(1000))).isConfirmed).toBe(true);
  expect(await recorded()).toEqual(idsFrom(1000));
  await relayed(0);
  await bind(from(5));
  expect(await recorded()).toEqual(idsFrom(5));
});

test('what stands on Kafka binds for good', async () => {
  const right = from(1);
  await bind(right);
  await relayed(4);
  const wrong = from(1000);
  await expect(bind(wrong)).rejects.toThrow(/bound to another registry/);
  expect([wrong.schemas.size, await recorded()]).toEqual([0, idsFrom(1)]);
  expect((await bind(right)).isConfirmed).toBe(true);
});

test('a relay at work keeps the registry that it has begun with', async () => {
  await bind(from(1));
  await sql.query(
    `insert into log.relay (token, holder, lease_until, position, state) values (1, 'a', now() + interval '1 h', 0, 'relaying')`,
  );
  await expect(bind(from(1000))).rejects.toThrow(/bound to another registry/);
  await sql.query(`update log.relay set lease_until = '-infinity'`);
  await bind(from(1000));
  expect(await recorded()).toEqual(idsFrom(1000));
});

test('of two relays that bring their registries at once one is refused, and the ids are of one of them', async () => {
  const outcomes = await Promise.allSettled([from(1), from(1000)].map((registry) => bind(registry)));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect([idsFrom(1), idsFrom(1000)]).toContainEqual(await recorded());
});
