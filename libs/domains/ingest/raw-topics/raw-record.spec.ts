import avro from 'avsc';
import { frame } from '../../../platform/kafka/frame.js';
import { RegistryRefusal, RegistryUnavailable, SchemaTooLarge } from '../../../platform/registry/registry-client.js';
import { computedMs } from '../../../platform/testing/computed-ms.js';
import { AvroValues } from './avro-value.js';
import { rowOfRecord } from './raw-record.js';

const SCHEMA = {
  type: 'record',
  name: 'Paid',
  fields: [
    { name: 'id', type: ['null', 'string'] },
    { name: 'type', type: 'string' },
    { name: 'source', type: ['null', 'string'] },
    { name: 'occurred_at', type: ['null', { type: 'long', logicalType: 'timestamp-millis' }] },
    {
      name: 'subject',
      type: {
        type: 'record',
        name: 'Subject',
        fields: ['customer', 'tenant'].map((name) => ({ name, type: ['null', { type: 'map', values: 'string' }] })),
      },
    },
    { name: 'data', type: { type: 'array', items: ['null', 'int', 'bytes'] } },
  ],
};
const type = avro.Type.forSchema(SCHEMA as avro.Schema, { wrapUnions: 'always' });

/** What has no bytes of its own, and what makes many names of one byte. */
const NOTHINGS = { type: 'array', items: 'null' };
const WIDE = {
  type: 'record',
  name: 'Wide',
  fields: [
    { name: 'one', type: 'boolean' },
    ...Array.from({ length: 2000 }, (_, i) => ({ name: `n${i}`, type: 'null' })),
  ],
};
const SCHEMAS: Record<number, object> = { 1: SCHEMA, 4: NOTHINGS, 5: { type: 'array', items: WIDE }, 6: { type: 'x' } };

const reading = {
  avro: new AvroValues(),
  schema: async (id: number) => {
    if (SCHEMAS[id] !== undefined) return JSON.stringify(SCHEMAS[id]);
    if (id === 2) throw new RegistryUnavailable('away');
    if (id === 7) throw new SchemaTooLarge('it');
    throw new RegistryRefusal(40403, 'Schema not found');
  },
};
const read = (value: Buffer | string | null, headers: Record<string, string> = {}) =>
  rowOfRecord({ value: typeof value === 'string' ? Buffer.from(value) : value, headers }, reading);
const problemOf = async (value: Buffer | string | null) => {
  const row = await read(value);
  return 'problem' in row ? [row.problem.code, row.problem.detail] : row;
};

const AT = Date.UTC(2026, 10, 22);
const value = {
  id: null,
  type: 'invoice.paid',
  source: { string: 'erp' },
  occurred_at: { long: AT },
  subject: { customer: { map: { external_id: 'ada' } }, tenant: null },
  data: [{ int: 3 }, null, { bytes: Buffer.from([0xe9]) }],
};

test('Avro in the wire format of Confluent is read as JSON', async () => {
  expect(await read(frame(1, type.toBuffer(value)))).toEqual({
    at: '',
    input: {
      type: 'invoice.paid',
      source: 'erp',
      occurredAt: AT,
      subject: { type: 'customer', externalId: 'ada' },
      data: [3, null, 'é'],
    },
  });
});

test('JSON is read as requests have it, and comes from kafka unless it says so', async () => {
  const body = { id: '1', type: 'a', subject: { customer: { external_id: 'ada' } }, data: 1 };
  expect(await read(JSON.stringify(body))).toMatchObject({ input: { id: '1', source: 'kafka', data: 1 } });
  expect(await problemOf(JSON.stringify({ ...body, workspace: 'wsp_1' }))).toMatchObject([
    'invalid_request',
    expect.anything(),
  ]);
  expect(await problemOf('[]')).toMatchObject(['invalid_request', expect.anything()]);
});

test.each<[string, Buffer | string | null]>([
  ['nothing', null],
  ['no bytes', ''],
  ['no JSON', '{"a":'],
  ['more than is read', Buffer.alloc(2 * 1024 * 1024 + 1, ' ')],
  ['no UTF-8', Buffer.from([0xff])],
  ['a cut frame', Buffer.from([0, 0, 0])],
  ['an unknown schema', frame(3, Buffer.from('x'))],
  ['bytes of another schema', frame(1, Buffer.from([1, 2, 3]))],
  ['bytes after the end', Buffer.concat([frame(1, type.toBuffer(value)), Buffer.from('x')])],
])('%s cannot be decoded', async (_what, bytes) => {
  expect(await problemOf(bytes)).toMatchObject(['undecodable', expect.stringMatching(/\.$|: /)]);
});

const blockOf = (count: number) => avro.Type.forSchema('long').toBuffer(count);

test.each<[string, number, Buffer]>([
  ['a list of as many nulls as there are', 10_024, frame(4, blockOf(2 ** 40))],
  [
    'a list of blocks without bytes',
    10_320,
    frame(4, Buffer.concat(Array.from({ length: 20 }, () => blockOf(2 ** 20)))),
  ],
  [
    'a long object of each byte',
    400_000,
    frame(5, Buffer.concat([blockOf(500_000), Buffer.alloc(500_000), blockOf(0)])),
  ],
])('%s cannot be decoded, and takes little', async (_what, most, bytes) => {
  const from = process.cpuUsage();
  expect(await problemOf(bytes)).toEqual(['undecodable', expect.stringContaining(`more than ${most} values`)]);
  expect(computedMs(from)).toBeLessThan(5000);
});

test('a schema that cannot be used is looked at once', async () => {
  const told = await problemOf(frame(6, Buffer.from('x')));
  expect(told).toEqual(['undecodable', expect.stringMatching(/^The schema cannot be used: /)]);
  const schema = JSON.stringify({ type: 'x' });
  const avros = new AvroValues();
  const thrown = [1, 2].map(() => {
    try {
      return avros.read(schema, Buffer.from('x'));
    } catch (error) {
      return error;
    }
  });
  expect(thrown[0]).toBe(thrown[1]);
});

test('every value is read as avsc reads it', () => {
  const all = avro.Type.forSchema(
    {
      type: 'record',
      name: 'All',
      fields: [
        { name: 'i', type: 'int' },
        { name: 'l', type: 'long' },
        { name: 'f', type: 'float' },
        { name: 'd', type: 'double' },
        { name: 's', type: 'string' },
        { name: 'b', type: 'boolean' },
        { name: 'e', type: { type: 'enum', name: 'E', symbols: ['A', 'B'] } },
        { name: 'm', type: { type: 'map', values: 'long' } },
        { name: 'a', type: { type: 'array', items: 'double' } },
      ],
    },
    { wrapUnions: 'always' },
  );
  const schema = JSON.stringify(all.schema());
  const avros = new AvroValues();
  for (let i = 0; i < 300; i++) {
    const bytes = all.toBuffer(all.random());
    expect(JSON.stringify(avros.read(schema, bytes))).toBe(JSON.stringify(all.fromBuffer(bytes)));
  }
  const longs = JSON.stringify('long');
  const long = avro.Type.forSchema('long');
  for (const n of [0, -1, 63, -64, 64, 2 ** 31, -(2 ** 40) - 1, Number.MAX_SAFE_INTEGER - 1, 1 - 2 ** 52]) {
    expect(avros.read(longs, long.toBuffer(n))).toBe(n);
  }
});

test('what was not read is told so, and never tried', async () => {
  const record = { value: null, headers: {}, unread: 'It ends a batch that unpacks to too much.' };
  expect(await rowOfRecord(record, reading)).toMatchObject({ problem: { code: 'undecodable', detail: record.unread } });
});

test('a schema that is too large is the cause of a dead letter', async () => {
  const told = await problemOf(frame(7, Buffer.from('x')));
  expect(told).toEqual(['undecodable', 'The schema 7 is too large to be used.']);
});

test('a registry that is away says nothing of the record', async () => {
  await expect(read(frame(2, Buffer.from('x')))).rejects.toThrow(RegistryUnavailable);
});
