import { EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { registerAll } from '../../libs/platform/registry/register-all.js';
import { RegistryClient } from '../../libs/platform/registry/registry-client.js';
import { Journey, ROOT_KEY } from './journey.js';
import { RegistryCaller } from './registry-suite.js';

let journey: Journey;
beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());

it("the product's own schemas are registered by their records' names, once, whoever does it at once", async () => {
  const target = { url: `${journey.url}/registry`, auth: { username: '', password: ROOT_KEY } };
  const several = await Promise.all([1, 2, 3].map(() => registerAll(new RegistryClient(target))));
  expect(several[1]).toEqual(several[0]);
  expect(await registerAll(new RegistryClient(target))).toEqual(several[0]);

  const registry = new RegistryCaller(target);
  const records = [...new Set(EVENT_SCHEMAS.map(({ record }) => record))].sort();
  // Others may try their own at the same registry.
  const subjects: string[] = (await registry.get('/subjects')).body;
  const domains = EVENT_SCHEMAS.map(({ domain }) => `heddle.${domain}.`);
  expect(subjects.filter((subject) => domains.some((domain) => subject.startsWith(domain)))).toEqual(records);
  const reader = new RegistryClient(target);
  for (const { fingerprint, schema, record } of EVENT_SCHEMAS) {
    expect(JSON.parse(await reader.schema(several[0]!.get(fingerprint)!))).toEqual(schema);
    expect((await registry.get(`/config/${record}`)).body).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
  }
});
