import { computedMs } from '../../../platform/testing/computed-ms.js';
import { readEventTypeSchema } from './event-type-schema.js';

function read(schema: unknown) {
  const found = readEventTypeSchema('avro', schema);
  if ('errors' in found) throw new Error(JSON.stringify(found.errors));
  return found;
}

const record = (...fields: object[]) => ({ type: 'record', name: 'Paid', namespace: 'shop', fields });
const paid = record(
  { name: 'amount', type: 'long' },
  { name: 'note', type: ['null', 'string'], default: null },
  { name: 'kind', type: { type: 'enum', name: 'Kind', symbols: ['card', 'cash'] } },
  { name: 'lines', type: { type: 'array', items: { type: 'map', values: 'double' } }, default: [] },
  { name: 'code', type: { type: 'fixed', name: 'Code', size: 2 }, default: 'ab' },
);

test('takes the JSON encoding of Avro, with and without the names of branches', () => {
  const { check } = read(paid);
  expect(check({ amount: 5, note: { string: 'x' }, kind: 'card', lines: [{ a: 1.5 }], code: 'xy' })).toBeNull();
  expect(check({ amount: 5, note: 'x', kind: 'cash' })).toBeNull();
  expect(check({ amount: 5, note: null, kind: 'cash', more: 1 })).toBeNull();
});

test('says what is wrong, where', () => {
  const { check } = read(paid);
  expect(check({ amount: 1.5, note: 3, lines: [{ a: 'b' }], code: 'x' })).toEqual([
    { pointer: '/amount', message: 'is not a whole number between -2^53 and 2^53' },
    { pointer: '/note', message: 'is none of null, string' },
    { pointer: '/kind', message: 'is missing' },
    { pointer: '/lines/0/a', message: 'is not a number' },
    { pointer: '/code', message: 'is not a text of 2 bytes (characters up to U+00FF)' },
  ]);
  expect(check([])).toEqual([{ pointer: '', message: 'is not an object' }]);
  expect(check({ amount: 1, kind: 'coin' })).toEqual([{ pointer: '/kind', message: 'is not one of card, cash' }]);
});

test('data that an earlier version took stays right where nothing breaks', () => {
  const before = read(record({ name: 'n', type: ['int', 'null'] }, { name: 'old', type: 'int' }));
  const after = read(
    record({ name: 'n', type: ['null', 'long'] }, { name: 'fresh', type: 'double', aliases: ['old'] }),
  );
  expect(before.changesTo(after).filter((change) => change.breaks)).toEqual([]);
  for (const data of [
    { n: { int: 3 }, old: 1 },
    { n: 3, old: 1 },
    { n: null, old: 1 },
  ]) {
    expect([before.check(data), after.check(data)]).toEqual([null, null]);
  }
});

test('what changes is told with its place', () => {
  const next = record(
    { name: 'amount', type: 'string' },
    { name: 'vat', type: 'int' },
    { name: 'tip', type: 'int', default: 0 },
  );
  expect(read(paid).changesTo(read(next))).toEqual([
    { place: '/fields/0/type', breaks: true, reason: 'a string cannot be read from a long' },
    { place: '/fields/1', breaks: true, reason: 'the field vat has no default, and the writer has no such field' },
    { place: '/fields/2', breaks: false, reason: 'tip may be there, and has a default' },
    ...['note', 'kind', 'lines', 'code'].map((name) => ({
      place: '/fields',
      breaks: false,
      reason: `${name} is passed over now`,
    })),
  ]);
});

test('a union of what holds itself ends', () => {
  const tree = (name: string) => ({ type: 'record', name, fields: [{ name: 'n', type: ['null', 'A', 'B'] }] });
  const found = readEventTypeSchema('avro', {
    type: 'record',
    name: 'A',
    fields: [{ name: 'n', type: ['null', 'A', tree('B')] }],
  });
  if ('errors' in found) throw new Error(JSON.stringify(found.errors));
  let data: unknown = { n: 3 };
  for (let i = 0; i < 40; i++) data = { n: data };
  expect(found.check(data)).toEqual([{ pointer: '', message: 'takes too long to check by its schema' }]);
});

test('much data is not looked through for each of many branches', () => {
  const branches = Array.from({ length: 900 }, (_, i) => ({ type: 'record', name: `R${i}`, fields: [] }));
  const { check } = read(record({ name: 'one', type: { type: 'array', items: branches } }));
  const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`n${i}`, 0]));
  const from = process.cpuUsage();
  const told = 'takes too long to check by its schema';
  expect(check({ one: [many, many] })).toEqual([{ pointer: '', message: told }]);
  expect(computedMs(from)).toBeLessThan(2000);
});

test('names are told as far as they are needed', () => {
  const long = { type: 'enum', name: 'Long', symbols: Array.from({ length: 40 }, (_, i) => `s${i}`.padEnd(1000, 'x')) };
  const { check } = read(record({ name: 'all', type: { type: 'array', items: long } }));
  expect(check({ all: ['a'] })![0]!.message.length).toBeLessThan(1500);
});

test.each([
  [{ type: 'record', name: 'a b', fields: [] }],
  [{ type: 'nothing' }],
  [{ type: 'record', name: 'A', fields: [{ name: 'a', type: 'Missing' }] }],
])('%j is no schema that is taken', (schema) => {
  expect(readEventTypeSchema('avro', schema)).toEqual({ errors: [{ pointer: '', message: expect.any(String) }] });
});
