import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { Journey, ROOT_KEY } from './journey.js';
import { newSubject, recordOf, testRegistry } from './registry-suite.js';

let journey: Journey;
beforeAll(async () => {
  journey = await Journey.begin();
});
afterAll(() => journey.end());

const asRoot = () => ({ url: `${journey.url}/registry`, auth: { username: 'any', password: ROOT_KEY } });

describe('the built-in registry', () => {
  testRegistry('built-in', asRoot);
});

describe('the client of kafkajs', () => {
  function client(): SchemaRegistry {
    const { url: host, auth } = asRoot();
    return new SchemaRegistry({ host, auth, retry: { retries: 0 } });
  }

  it('registers, and another one decodes', async () => {
    const subject = newSubject();
    const schema = JSON.stringify(recordOf(subject, { name: 'a', type: 'string' }));
    const { id } = await client().register({ type: SchemaType.AVRO, schema }, { subject });
    const bytes = await client().encode(id, { a: '🧶' });
    expect(await client().decode(bytes)).toEqual({ a: '🧶' });
    expect(await client().getLatestSchemaId(subject)).toBe(id);
    expect(await client().getRegistryId(subject, 1)).toBe(id);
    expect(await client().getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema })).toBe(id);
  });

  it('decodes what refers to another subject', async () => {
    const [inner, outer] = [newSubject(), newSubject()];
    const one = client();
    const innerSchema = JSON.stringify(recordOf(inner, { name: 'a', type: 'string' }));
    await one.register({ type: SchemaType.AVRO, schema: innerSchema }, { subject: inner });
    const schema = JSON.stringify(recordOf(outer, { name: 'inner', type: inner }));
    const references = [{ name: inner, subject: inner, version: 1 }];
    const { id } = await one.register({ type: SchemaType.AVRO, schema, references }, { subject: outer });
    const bytes = await one.encode(id, { inner: { a: 'x' } });
    expect(await client().decode(bytes)).toEqual({ inner: { a: 'x' } });
  });
});
