import { computedMs } from '../../../platform/testing/computed-ms.js';
import { readJsonSchema } from './json-schema.js';
import { jsonSchemaCheck } from './json-schema-check.js';

function read(schema: unknown) {
  const found = readJsonSchema(schema);
  if ('errors' in found) throw new Error(JSON.stringify(found.errors));
  return jsonSchemaCheck(found.document);
}

function refused(schema: unknown) {
  const found = readJsonSchema(schema);
  return 'errors' in found ? found.errors : [];
}

const list = (length: number) => Array.from({ length }, (_, i) => i);
const fields = (length: number, of: (i: number) => object) =>
  Object.fromEntries(list(length).map((i) => [`f${i}`, of(i)]));
const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';
const nested = (depth: number): object => (depth === 0 ? {} : { items: nested(depth - 1) });
const doubling = Object.fromEntries(
  Array.from({ length: 40 }, (_, i) => [
    `d${i}`,
    { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
  ]),
);

test.each<[string, unknown, string]>([
  ['a number', 3, ''],
  ['a draft that is not known', { $schema: 'http://json-schema.org/draft-04/schema#' }, '/$schema'],
  ['a name that objects have as a draft', { $schema: 'constructor' }, '/$schema'],
  ['a list of drafts', { $schema: [DRAFT_07] }, '/$schema'],
  ['a wrong keyword', { type: 'text' }, '/type'],
  ['a keyword that is not known', { properties: { a: { typ: 'string' } } }, '/properties/a/typ'],
  ['one of the other draft', { $schema: DRAFT_07, prefixItems: [{}] }, '/prefixItems'],
  ['items as a list', { items: [{}] }, '/items'],
  ['a reference to another place', { $ref: 'https://example.com/a.json' }, '/$ref'],
  ['a file', { items: { $ref: 'file:///etc/passwd' } }, '/items/$ref'],
  ['a reference to nothing', { $ref: '#/$defs/a' }, '/$ref'],
  ['one to what is no schema', { $ref: '#/properties', properties: {} }, '/$ref'],
  ['a name of a place', { $anchor: 'a' }, '/$anchor'],
  ['an id below', { items: { $id: 'https://example.com/a' } }, '/items/$id'],
  ['a look-ahead', { pattern: '(?=a)a' }, '/pattern'],
  ['a back reference', { patternProperties: { '(a)\\1': {} } }, '/patternProperties/(a)\\1'],
  ['a pattern without an end', { pattern: 'a'.repeat(501) }, '/pattern'],
  ['a large program', { pattern: '((a{30}){30}){2}' }, '/pattern'],
  ['a place that leads back to itself', { $ref: '#' }, ''],
  ['many looks at one value', { $ref: '#/$defs/d0', $defs: { ...doubling, d40: {} } }, '/$defs/d28'],
  ['too deep a one', nested(33), '/items'.repeat(33)],
  ['too many values', { enum: Array.from({ length: 1001 }, (_, i) => i) }, '/enum'],
  ['too many schemas', { allOf: Array.from({ length: 501 }, () => true) }, '/allOf/499'],
  ['too many keywords', { properties: fields(400, () => ({ type: 'string', minLength: 1 })) }, ''],
  ['too many branches that are counted', { oneOf: Array.from({ length: 330 }, () => ({ const: 1 })) }, ''],
  ['too many patterns', { patternProperties: Object.fromEntries(list(200).map((i) => [`^a${i}`, true])) }, ''],
  ['patterns that are too long', { allOf: list(12).map((i) => ({ pattern: `${'\\p{L}'.repeat(95)}${i}` })) }, ''],
  ['too many names that ask for others', { dependentRequired: { a: list(400).map(String) } }, ''],
  ['a name that objects have', JSON.parse('{"properties":{"__proto__":{}}}'), '/properties/__proto__'],
])('%s is no schema that is taken', (_what, schema, place) => {
  expect(refused(schema).map(({ pointer }) => pointer)).toContain(place);
});

test.each<[string, object]>([
  ['fields', { properties: fields(325, () => ({ type: 'string' })) }],
  ['fields that are counted', { properties: fields(190, () => ({ type: 'string', minLength: 1, maxLength: 9 })) }],
  ['branches', { oneOf: list(195).map((i) => ({ minLength: i })) }],
  ['references', { allOf: list(320).map(() => ({ $ref: '#/$defs/a' })), $defs: { a: { type: 'string' } } }],
  ['conditions', { allOf: list(85).map(() => ({ if: { type: 'string' }, else: { minimum: 1 } })) }],
  ['items that are sought', { allOf: list(120).map(() => ({ contains: { type: 'null' }, maxContains: 3 })) }],
  ['constants', { allOf: list(160).map((i) => ({ const: { i } })) }],
  ['patterns', { allOf: list(60).map((i) => ({ pattern: `^a${i}` })) }],
])('the largest schema of %s that is taken is compiled in little time', (_what, schema) => {
  const from = process.cpuUsage();
  read(schema)('x');
  // Some 0.1 s, on a machine that does something else, too; it was up to 20 s.
  expect(computedMs(from)).toBeLessThan(1000);
});

test('says what is wrong, where', () => {
  const check = read({
    type: 'object',
    properties: {
      amount: { type: 'integer', minimum: 1 },
      currency: { enum: ['EUR', 'USD'] },
      due: { format: 'date' },
    },
    required: ['amount', 'currency'],
    additionalProperties: false,
  });
  expect(check({ amount: 1, currency: 'EUR', due: '2026-02-28' })).toBeNull();
  expect(check({ amount: 0.5, due: '2026-02-29', 'vat/id': 1 })).toEqual(
    expect.arrayContaining([
      { pointer: '/amount', message: 'is not a whole number' },
      { pointer: '/currency', message: 'is missing' },
      { pointer: '/vat~1id', message: 'is no field of this type' },
      { pointer: '/due', message: 'must match format "date"' },
    ]),
  );
});

test('what objects have by themselves is not there', () => {
  expect(read({ required: ['toString'] })({})).toEqual([{ pointer: '/toString', message: 'is missing' }]);
  expect(read({ additionalProperties: false })(JSON.parse('{"__proto__":1}'))).toHaveLength(1);
});

test('values are compared by what they say, whatever their names are', () => {
  const values: unknown[] = [{ valueOf: 1 }, { toString: [1] }, { constructor: null }, [{ a: 1, b: [2] }], 'x', 3];
  const [one, some] = [read({ const: values[0] }), read({ enum: values })];
  expect(one({ valueOf: 1 })).toBeNull();
  expect(one({ valueOf: 2 })).toEqual([{ pointer: '', message: 'must be equal to constant' }]);
  for (const value of [...values, [{ b: [2], a: 1 }]]) expect(some(value)).toBeNull();
  for (const value of [{ toString: 1 }, { valueOf: null }, {}, [], null, '3', [{ a: 1 }], { a: 1, b: [2] }]) {
    expect(some(value)).toEqual([{ pointer: '', message: 'must be equal to one of the allowed values' }]);
  }
});

test('draft-07 has its own way with lists and dependencies', () => {
  const check = read({ $schema: DRAFT_07, items: [{ type: 'string' }], additionalItems: false });
  expect([check(['a']), check(['a', 'b'])]).toEqual([null, [expect.objectContaining({ pointer: '' })]]);
  expect(read({ $schema: DRAFT_07, dependencies: { a: ['b'] } })({ a: 1 })).toEqual([
    { pointer: '/b', message: 'is missing' },
  ]);
});

test('several patterns are each their own', () => {
  const check = read({ properties: { a: { pattern: '^x' }, b: { pattern: '^y' } } });
  expect(check({ a: 'x', b: 'y' })).toBeNull();
  expect(check({ a: 'y', b: 'x' })).toHaveLength(2);
});

test.each([
  ['date-time', '2026-11-22T08:05:10.123Z', '2026-11-22T25:05:10Z'],
  ['date', '2024-02-29', '2026-02-29'],
  ['email', 'ada@example.com', 'ada.example.com'],
  ['uri', 'https://example.com/a', '/a'],
  ['uuid', '0198f2c0-a1b2-7c3d-8e4f-5a6b7c8d9e05', '0198f2c0'],
  ['ipv4', '127.0.0.1', '127.0.0.256'],
  ['ipv6', '::1', '127.0.0.1'],
  ['time', '08:05:10+01:00', '08:05'],
])('%s is held against a text', (format, right, wrong) => {
  const check = read({ format });
  expect([check(right), check(wrong)?.length]).toEqual([null, 1]);
});

describe('what could run for ever', () => {
  const fast = (check: () => unknown) => {
    const from = process.cpuUsage();
    const found = check();
    expect(computedMs(from)).toBeLessThan(2000);
    return found;
  };

  it('ends: a pattern that backtracks', () => {
    const check = read({ pattern: '^(a+)+$' });
    expect(fast(() => check(`${'a'.repeat(20_000)}b`))).toHaveLength(1);
  });

  it('ends: definitions that fork at every step', () => {
    const fork = { anyOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/b' }] };
    const of = { type: 'object', properties: { n: fork }, required: ['n'] };
    const check = read({ ...fork, $defs: { a: of, b: of } });
    let data: object = {};
    for (let i = 0; i < 40; i++) data = { n: data };
    expect(fast(() => check(data))).toEqual([{ pointer: '', message: 'takes too long to check by its schema' }]);
  });

  it('ends: items that are compared with each other', () => {
    const check = read({ uniqueItems: true });
    const items = Array.from({ length: 20_000 }, (_, i) => ({ i }));
    expect(fast(() => check(items))).toBeNull();
    expect(fast(() => check([...items, { i: 7 }]))).toHaveLength(1);
  });

  it('ends: much that is wrong', () => {
    const required = Array.from({ length: 1000 }, (_, i) => `n${i}`);
    const check = read({ items: { required } });
    expect(fast(() => check(Array.from({ length: 20_000 }, () => ({}))))).toHaveLength(1);
  });

  /** Seventy times seventy looks at one value by a schema. */
  const often = (schema: object) => {
    const all = (name: string) => ({ allOf: Array.from({ length: 70 }, () => ({ $ref: `#/$defs/${name}` })) });
    return { items: { $ref: '#/$defs/a' }, $defs: { a: all('b'), b: all('c'), c: schema } };
  };
  const texts = Array.from({ length: 20 }, () => 'x'.repeat(12_000));
  const ones = Array.from({ length: 5000 }, () => 1);
  const names = Object.fromEntries(ones.map((_, i) => [`n${i}`, 1]));

  it.each<[string, object, unknown[]]>([
    ['long texts', { minLength: 1 }, texts],
    ['long texts that are to be addresses', { format: 'uri' }, texts.map((text) => `a:${text.slice(0, 8000)}`)],
    ['long lists that are compared', { enum: [[ones]] }, Array.from({ length: 20 }, () => [ones])],
    ['many names', { minProperties: 1 }, Array.from({ length: 5 }, () => names)],
  ])('ends: %s that are looked at often', (_what, schema, data) => {
    const from = process.cpuUsage();
    expect(read(often(schema))(data)).toEqual([{ pointer: '', message: 'takes too long to check by its schema' }]);
    expect(computedMs(from)).toBeLessThan(5000);
  });

  it.each<[string, unknown, unknown]>([
    ['an object with many names', {}, fields(20_000, () => ({}))],
    ['such an object within one', { a: {} }, { a: fields(20_000, () => ({})) }],
    ['a long list', [], list(100_000)],
    ['a long list within one', [[]], [list(100_000)]],
  ])('ends: %s that is held against many values', (_what, wanted, data) => {
    const check = read({ enum: Array.from({ length: 1000 }, () => wanted) });
    expect(fast(() => check(data))).toHaveLength(1);
  });

  it('ends: much that is sent at once', () => {
    const check = read({ pattern: '^(a|b)+$' });
    const allowance = { steps: 100_000 };
    const text = 'ab'.repeat(10_000);
    const told = Array.from({ length: 20 }, () => check(text, allowance));
    expect(told[0]).toBeNull();
    expect(told.at(-1)).toEqual([
      {
        pointer: '',
        message: 'takes too long to check by its schema, with all else that was sent at once: send less',
      },
    ]);
    expect(check(text)).toBeNull();
  });

  it('ends: data without an end', () => {
    const check = read({ type: ['array', 'null'], items: { $ref: '#' } });
    let data: unknown = null;
    for (let i = 0; i < 200_000; i++) data = [data];
    expect(fast(() => check(data))).toEqual([
      { pointer: '', message: expect.stringMatching(/^(is nested too deep|takes too long)/) },
    ]);
  });
});
