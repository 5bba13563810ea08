import type avro from 'avsc';
import { computedMs } from '../testing/computed-ms.js';
import { compileSchema } from './avro-schema.js';
import { SchemaSyntaxError } from './schema-form.js';

const record = (name: string, fields: object[]) => ({ type: 'record', name, fields });
/** Each has two of the one before, and a default of each. */
function doubling(depth: number): object {
  let inner = record('A0', [{ name: 'x', type: 'int', default: 1 }]);
  for (let i = 1; i <= depth; i++) {
    inner = record(`A${i}`, [
      { name: 'a', type: inner, default: {} },
      { name: 'b', type: `A${i - 1}`, default: {} },
    ]);
  }
  return inner;
}

test('defaults that come to many values are no schema, and are told so before they are made', () => {
  const many = Array.from({ length: 700 }, (_, i) => i);
  const wide = record('W', [
    {
      name: 'w',
      type: record(
        'V',
        many.map((i) => ({ name: `f${i}`, type: 'int', default: 1 })),
      ),
    },
    ...many.map((i) => ({ name: `g${i}`, type: ['V', 'null'], default: {} })),
  ]);
  for (const schema of [doubling(40), wide]) {
    const from = process.cpuUsage();
    expect(() => compileSchema(JSON.stringify(schema))).toThrow(SchemaSyntaxError);
    expect(() => compileSchema(JSON.stringify(schema))).toThrow('its defaults come to more than 10000 values');
    // With what the whole test process collected meanwhile; made, they would take for ever.
    expect(computedMs(from)).toBeLessThan(20_000);
  }
  expect(() =>
    compileSchema(JSON.stringify(record('B', [{ name: 'a', type: 'A30', default: {} }])), {
      references: [{ name: 'A30', subject: 'a', version: 1 }],
      referenced: [JSON.stringify(doubling(30))],
    }),
  ).toThrow('its defaults come to more than 10000 values');
});

test('defaults as they are meant are taken', () => {
  const type = compileSchema(
    JSON.stringify(
      record('R', [
        { name: 'o', type: record('O', [{ name: 'x', type: 'int', default: 1 }]), default: {} },
        { name: 'l', type: { type: 'array', items: 'O' }, default: [{}, { x: 2 }] },
        { name: 'm', type: { type: 'map', values: ['null', 'O'] }, default: { a: null } },
        { name: 'n', type: ['null', 'O'], default: null },
        { name: 'd', type: doubling(8), default: {} },
      ]),
    ),
  ).type as avro.types.RecordType;
  expect(type.isValid({ o: { x: 1 }, l: [], m: {}, n: null, d: type.fields[4]!.defaultValue() })).toBe(true);
});
