import { EVENT_SCHEMAS } from '../../../contract/generated/event-schemas.js';
import { laterSchema, metaOf } from '../../event-codec/event-codec.fixture.js';
import { EventCodec } from '../../event-codec/event-codec.js';
import { migrate } from '../../postgres/migrate.js';
import { LocalRegistry } from '../../registry/local-registry.js';
import { registerAll } from '../../registry/register-all.js';
import { RegistryUnavailable } from '../../registry/registry-client.js';
import { SchemaRegistry } from '../../registry/schema-registry.js';
import { createTestDatabase, type TestDatabase } from '../../testing/test-database.js';
import { LearnedSchemaIds } from './learned-schema-ids.js';
import { RegistrySchemaIds } from './schema-ids.js';

const TYPE = 'conversation.closed';
const present = EVENT_SCHEMAS.find(({ type }) => type === TYPE)!;
const later = laterSchema(present, {
  revision: present.revision + 1,
  add: [{ name: 'mood', doc: 'How it ended.', type: ['null', 'string'], default: null }],
});

let database: TestDatabase;
let registry: SchemaRegistry;
let local: LocalRegistry;
let id: number;
beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(database.url, [], [{ schema: 'registry', folder: 'libs/platform/registry/migrations' }]);
  registry = new SchemaRegistry(database.url);
  local = new LocalRegistry(registry);
  const ids = await registerAll(local, [present, later]);
  id = ids.get(later.fingerprint)!;
});
afterEach(async () => {
  await registry.close();
  await database.drop();
});

const written = () => {
  const newer = new EventCodec([...EVENT_SCHEMAS, later]);
  return newer.encode(TYPE, metaOf(TYPE), { message_id: null, article: null, mood: 'glad' }, null);
};

it('reads what a newer version wrote as this one has it, and asks the registry once', async () => {
  let asked = 0;
  const counting = {
    schema: (of: number) => {
      asked++;
      return local.schema(of);
    },
  };
  const codec = new EventCodec(EVENT_SCHEMAS);
  const known = { fingerprintOf: async () => Buffer.from(later.fingerprint, 'hex') };
  const ids = new LearnedSchemaIds(known, counting, codec);
  const { payload } = written();
  const [fingerprint] = await Promise.all([ids.fingerprintOf(id), ids.fingerprintOf(id), ids.fingerprintOf(id)]);
  expect(codec.decode(fingerprint!, payload)).toMatchObject({
    type: TYPE,
    data: { message_id: null, article: null },
  });
  expect(codec.decode(fingerprint!, payload).data).not.toHaveProperty('mood');
  await ids.fingerprintOf(id);
  expect(asked).toBe(1);
});

it('waits for a registry that is away, and asks again', async () => {
  let away = true;
  const schema = (of: number) => (away ? Promise.reject(new RegistryUnavailable('away')) : local.schema(of));
  const codec = new EventCodec(EVENT_SCHEMAS);
  const ids = new LearnedSchemaIds(new RegistrySchemaIds(local), { schema }, codec);
  await expect(ids.fingerprintOf(id)).rejects.toThrow(RegistryUnavailable);
  away = false;
  expect(codec.knows(await ids.fingerprintOf(id))).toBe(true);
});
