import { EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { registerAll } from '../../libs/platform/registry/register-all.js';
import { RegistryClient } from '../../libs/platform/registry/registry-client.js';
import { findPython } from '../../libs/platform/testing/python/find-python.js';
import { findApicurio, type StartedApicurio } from '../../libs/platform/testing/registry/find-apicurio.js';
import { Journey, ROOT_KEY } from './journey.js';
import { describeWith, whatIsMissing } from './needed-programs.js';
import { runPythonClient, testKafkaJsClient } from './registry-clients.js';
import { type RegistryUnderTest, testRegistry } from './registry-suite.js';

const apicurio = findApicurio();
const python = findPython();

function testPythonClient(target: () => RegistryUnderTest): void {
  const missing = whatIsMissing(python);
  const says = "serves Confluent's client for Python";
  if ('path' in python) it(says, async () => expect(await runPythonClient(python.path, target())).toBe('done'), 60_000);
  else it.skip(`${says} (${missing})`, () => undefined);
}

describe('the built-in registry', () => {
  let journey: Journey;
  beforeAll(async () => {
    journey = await Journey.begin();
  }, 30_000);
  afterAll(() => journey.end());

  testPythonClient(() => ({ url: `${journey.url}/registry`, auth: { username: 'any', password: ROOT_KEY } }));
});

describeWith('Apicurio', whatIsMissing(apicurio), () => {
  let started: StartedApicurio;
  beforeAll(async () => {
    if ('start' in apicurio) started = await apicurio.start();
  }, 600_000);
  afterAll(() => started?.stop());

  const target = () => ({ url: started.url });
  testRegistry('apicurio', target);
  testKafkaJsClient(target);
  testPythonClient(target);

  it("takes the product's own schemas, and gives them back", async () => {
    const ids = await registerAll(new RegistryClient(target()));
    expect(await registerAll(new RegistryClient(target()))).toEqual(ids);
    const reader = new RegistryClient(target());
    for (const { fingerprint, schema } of EVENT_SCHEMAS) {
      expect(JSON.parse(await reader.schema(ids.get(fingerprint)!)).fields).toHaveLength(schema.fields.length);
    }
  }, 30_000);
});
