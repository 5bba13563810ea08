import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { whatIsMissing } from '../../libs/platform/testing/needed-programs.js';
import { findPython } from '../../libs/platform/testing/python/find-python.js';
import { newSubject, type RegistryUnderTest, recordOf } from './registry-suite.js';

/** Python starts while other suites start brokers and servers, and imports much. */
const PYTHON_MS = 180_000;
const SCRIPT = fileURLToPath(new URL('registry_client.py', import.meta.url));

/** What `@kafkajs/confluent-schema-registry` needs of a registry. */
export function testKafkaJsClient(target: () => RegistryUnderTest): void {
  function client(): SchemaRegistry {
    const { url: host, auth } = target();
    return new SchemaRegistry({ host, ...(auth === undefined ? {} : { auth }), retry: { retries: 0 } });
  }

  it('registers with the client of kafkajs, and another one decodes', async () => {
    const subject = newSubject();
    const schema = JSON.stringify(recordOf(subject, { name: 'a', type: 'string' }));
    const { id } = await client().register({ type: SchemaType.AVRO, schema }, { subject });
    const bytes = await client().encode(id, { a: '🧶' });
    expect(await client().decode(bytes)).toEqual({ a: '🧶' });
    expect(await client().getLatestSchemaId(subject)).toBe(id);
    expect(await client().getRegistryId(subject, 1)).toBe(id);
    expect(await client().getRegistryIdBySchema(subject, { type: SchemaType.AVRO, schema })).toBe(id);
  });

  it('decodes with the client of kafkajs what refers to another subject', async () => {
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

  it('makes one request of fifty look-ups at once with the client of kafkajs', async () => {
    const subject = newSubject();
    const schema = JSON.stringify(recordOf(subject, { name: 'a', type: 'string' }));
    const { id } = await client().register({ type: SchemaType.AVRO, schema }, { subject });
    let requests = 0;
    const { url: host, auth } = target();
    const counting = new SchemaRegistry({
      host,
      ...(auth === undefined ? {} : { auth }),
      middlewares: [
        () => ({
          request: (request) => {
            requests++;
            return request;
          },
        }),
      ],
    });
    await Promise.all(Array.from({ length: 50 }, () => counting.encode(id, { a: 'x' })));
    expect(requests).toBe(1);
  });
}

/** Runs `registry_client.py`, which asserts by itself. */
async function runPythonClient(python: string, { url, auth }: RegistryUnderTest): Promise<string> {
  const env = { ...process.env, ...(auth === undefined ? {} : { KEY: auth.password }) };
  const { stdout } = await promisify(execFile)(python, [SCRIPT, url], { env, timeout: PYTHON_MS });
  return stdout.trim();
}

/** Confluent's client for Python, where there is one with what it needs. */
export function testPythonClient(target: () => RegistryUnderTest): void {
  const python = findPython();
  const missing = whatIsMissing(python);
  const says = "serves Confluent's client for Python";
  if ('path' in python)
    it(says, async () => expect(await runPythonClient(python.path, target())).toBe('done'), PYTHON_MS);
  else it.skip(`${says} (${missing})`, () => undefined);
}
