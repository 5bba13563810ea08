import { migrate } from '../postgres/migrate.js';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.js';
import { SchemaRegistry } from './schema-registry.js';

let database: TestDatabase;
let registries: SchemaRegistry[];

beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(database.url, [], [{ schema: 'registry', folder: 'libs/platform/registry/migrations' }]);
  registries = Array.from({ length: 3 }, () => new SchemaRegistry(database.url));
  await Promise.all(registries.map((registry) => registry.ready()));
});
afterEach(async () => {
  await Promise.all(registries.map((registry) => registry.close()));
  await database.drop();
});

const proposal = (name: string, ...fields: string[]) => ({
  schema: JSON.stringify({
    type: 'record',
    name,
    fields: fields.map((field) => ({ name: field, type: ['null', 'string'], default: null })),
  }),
  references: [],
  normalize: false,
});

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

it('gives one id to one schema, whoever registers it at the same time', async () => {
  const ids = await Promise.all(
    upTo(60).map((i) => registries[i % 3]!.register(`subject-${i % 20}`, proposal('Same', 'a'))),
  );
  expect(new Set(ids)).toEqual(new Set([1]));
  expect(await registries[0]!.latestId()).toBe(1);
  expect(await registries[1]!.placesOf(1, false)).toHaveLength(20);
});

it('gives different schemas the next ids, each once and without a hole', async () => {
  const ids = await Promise.all(upTo(90).map((i) => registries[i % 3]!.register(`s${i}`, proposal(`R${i}`, 'a'))));
  expect(ids.toSorted((a, b) => a - b)).toEqual(upTo(90).map((i) => i + 1));
});

it('numbers the versions of one subject without a hole', async () => {
  await Promise.all(upTo(30).map((i) => registries[i % 3]!.register('one', proposal('R', 'a', `b${i}`))));
  expect(await registries[0]!.versions('one', { deleted: false, deletedOnly: false })).toEqual(
    upTo(30).map((i) => i + 1),
  );
  expect(await registries[0]!.latestId()).toBe(30);
});

it('lets no two through that do not fit each other', async () => {
  const needing = (type: string) => ({
    schema: JSON.stringify({ type: 'record', name: 'R', fields: [{ name: 'a', type }] }),
    references: [],
    normalize: false,
  });
  const sent = await Promise.allSettled(
    ['int', 'string', 'boolean', 'double'].map((type, i) => registries[i % 3]!.register('one', needing(type))),
  );
  const codes = sent.map((one) => (one.status === 'fulfilled' ? 200 : one.reason.code));
  expect(codes.sort()).toEqual([200, 409, 409, 409]);
  expect(await registries[0]!.latestId()).toBe(1);
});

it('gives no id twice, not even that of what was deleted for good', async () => {
  const [registry] = registries as [SchemaRegistry];
  expect(await registry.register('one', proposal('One'))).toBe(1);
  await registry.deleteSubject('one', false);
  await registry.deleteSubject('one', true);
  await expect(registry.schema(1)).rejects.toMatchObject({ code: 40403 });
  expect(await registry.register('two', proposal('Two'))).toBe(2);
  expect(await registry.register('three', proposal('One'))).toBe(1);
});

it('leaves no hole where a registration is refused', async () => {
  const [registry] = registries as [SchemaRegistry];
  await registry.register('one', proposal('One'));
  const other = { ...proposal('Other'), schema: '{"type":"record","name":"Other","fields":[]}' };
  await expect(registry.register('one', other)).rejects.toMatchObject({ code: 409 });
  expect(await registry.register('two', other)).toBe(2);
});
