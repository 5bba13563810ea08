import { EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { registerAll } from '../../libs/platform/registry/register-all.js';
import { RegistryClient } from '../../libs/platform/registry/registry-client.js';
import { describeWith, whatIsMissing } from '../../libs/platform/testing/needed-programs.js';
import { findApicurio, type StartedApicurio } from '../../libs/platform/testing/registry/find-apicurio.js';
import { testKafkaJsClient, testPythonClient } from './registry-clients.js';
import { testRegistry } from './registry-suite.js';

const apicurio = findApicurio();

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
  }, 120_000);
});
