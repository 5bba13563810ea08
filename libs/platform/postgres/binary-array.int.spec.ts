import fc from 'fast-check';
import pg from 'pg';
import { newId } from '../kernel/id.js';
import {
  boolArray,
  byteaArray,
  idArray,
  int4Array,
  int8Array,
  textArray,
  timestampArray,
  uuidArray,
} from './binary-array.js';

let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client({ connectionString: process.env.HEDDLE_TEST_POSTGRES_URL! });
  await client.connect();
});
afterAll(() => client.end());

const holes = <T>(item: fc.Arbitrary<T>) => fc.array(fc.option(item), { maxLength: 20 });

/** What Postgres reads in an array, as text. */
async function read(type: string, array: Buffer): Promise<(string | null)[]> {
  const { rows } = await client.query<{ item: string | null }>(
    `select item::text from unnest($1::${type}[]) with ordinality a(item, n) order by n`,
    [array],
  );
  return rows.map(({ item }) => item);
}

const text = (value: unknown) => (value === null ? null : String(value));
const runs = { numRuns: 30 };

it('text', () =>
  fc.assert(
    fc.asyncProperty(
      holes(fc.string({ unit: 'grapheme', maxLength: 50 }).map((s) => s.replaceAll('\u0000', ''))),
      async (items) => {
        expect(await read('text', textArray(items))).toEqual(items);
      },
    ),
    runs,
  ));

it('integers', () =>
  fc.assert(
    fc.asyncProperty(holes(fc.integer()), async (items) => {
      expect(await read('integer', int4Array(items))).toEqual(items.map(text));
    }),
    runs,
  ));

it('bigints, up to the last safe integer', () =>
  fc.assert(
    fc.asyncProperty(holes(fc.maxSafeInteger()), async (items) => {
      expect(await read('bigint', int8Array(items))).toEqual(items.map(text));
    }),
    runs,
  ));

it('bytes', () =>
  fc.assert(
    fc.asyncProperty(holes(fc.uint8Array({ maxLength: 40 })), async (items) => {
      const buffers = items.map((item) => (item === null ? null : Buffer.from(item)));
      const hex = buffers.map((item) => (item === null ? null : `\\x${item.toString('hex')}`));
      expect(await read('bytea', byteaArray(buffers))).toEqual(hex);
    }),
    runs,
  ));

it('booleans', () =>
  fc.assert(
    fc.asyncProperty(holes(fc.boolean()), async (items) => {
      expect(await read('boolean', boolArray(items))).toEqual(items.map(text));
    }),
    runs,
  ));

it('times, to the millisecond, before and after 2000', () =>
  fc.assert(
    fc.asyncProperty(holes(fc.integer({ min: -1e12, max: 4e12 })), async (items) => {
      const { rows } = await client.query<{ at: Date | null }>(
        'select at from unnest($1::timestamptz[]) with ordinality a(at, n) order by n',
        [timestampArray(items)],
      );
      expect(rows.map(({ at }) => at?.getTime() ?? null)).toEqual(items);
    }),
    runs,
  ));

it('uuids, from bytes and from ids', async () => {
  const ids = [newId('cus'), null, newId('conv')];
  const hex = ids.map((id) => id?.slice(id.indexOf('_') + 1) ?? null);
  const bytes = hex.map((digits) => (digits === null ? null : Buffer.from(digits, 'hex')));
  const expected = hex.map((digits) => digits?.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') ?? null);
  expect(await read('uuid', idArray(ids))).toEqual(expected);
  expect(await read('uuid', uuidArray(bytes))).toEqual(expected);
});

it.each(['', 'cus_', 'cus_0198', `cus_${'0'.repeat(31)}g`, `cus_${'0'.repeat(30)}`])('no uuid from "%s"', (id) => {
  expect(() => idArray([newId('cus'), id])).toThrow('32 hexadecimal digits');
});

it('nothing at all', async () => {
  expect(await read('text', textArray([]))).toEqual([]);
  expect(await read('integer', int4Array([]))).toEqual([]);
  expect(await read('uuid', uuidArray([]))).toEqual([]);
});
