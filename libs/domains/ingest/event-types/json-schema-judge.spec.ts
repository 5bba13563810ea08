// biome-ignore-all lint/suspicious/noThenProperty: it is a keyword of JSON Schema.

import fc from 'fast-check';
import { readJsonSchema } from './json-schema.js';
import { jsonSchemaCheck } from './json-schema-check.js';
import { judgeJsonSchema } from './json-schema-judge.js';
import type { JsonSchema } from './schema-keywords.js';

function read(schema: unknown) {
  const found = readJsonSchema(schema);
  if ('errors' in found) throw new Error(JSON.stringify(found.errors));
  return found.document;
}

const judge = (before: JsonSchema, after: JsonSchema) => judgeJsonSchema(read(before), read(after));
const breaks = (before: JsonSchema, after: JsonSchema) => judge(before, after).filter((change) => change.breaks);

const closed = (properties: object, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const DRAFT_07 = { $schema: 'http://json-schema.org/draft-07/schema#' };

test.each<[string, JsonSchema, JsonSchema]>([
  ['the same', closed({ a: { type: 'string' } }), closed({ a: { type: 'string' } })],
  ['a title', closed({}), { ...closed({}), title: 'Paid', description: 'An invoice was paid.' }],
  ['a property of a closed object that may be missing', closed({}), closed({ a: { type: 'string' } })],
  ['one that may be missing now', closed({ a: {} }, ['a']), closed({ a: {} })],
  ['an object that opens', closed({}), { type: 'object' }],
  ['a further type', { type: 'string' }, { type: ['string', 'null'] }],
  ['from whole numbers to all', { type: 'integer' }, { type: 'number' }],
  ['a value more', { enum: ['a'] }, { enum: ['a', 'b'] }],
  ['from a constant to a list', { const: 'a' }, { enum: ['b', 'a'] }],
  ['from true and false to their list', { type: 'boolean' }, { enum: [true, false] }],
  ['wider bounds', { minimum: 2, exclusiveMaximum: 5 }, { minimum: 1, maximum: 5 }],
  ['from inclusive to the same', { exclusiveMinimum: 2 }, { minimum: 2 }],
  ['a divisor of the step', { multipleOf: 6 }, { multipleOf: 3 }],
  ['longer texts', { maxLength: 3, minLength: 2 }, { maxLength: 4, minLength: 1 }],
  ['a pattern less', { pattern: 'a' }, {}],
  ['bounds of numbers, where there were none', { type: 'string' }, { type: ['string', 'number'], minimum: 3 }],
  ['a format that nothing is held against', {}, { format: 'colour' }],
  ['wider items', { items: { type: 'integer' } }, { items: { type: 'number' } }],
  ['items after the last', { maxItems: 1, items: {} }, { prefixItems: [{}], items: { type: 'string' }, maxItems: 1 }],
  ['items that may be equal', { uniqueItems: true }, {}],
  [
    'a reference to what stood there',
    closed({ a: { type: 'string' } }),
    {
      ...closed({ a: { $ref: '#/$defs/text' } }),
      $defs: { text: { type: 'string' } },
    },
  ],
  ['a branch more', { anyOf: [{ type: 'string' }] }, { anyOf: [{ type: 'null' }, { type: 'string' }] }],
  ['branches that become one type', { anyOf: [{ type: 'string' }, { type: 'null' }] }, { type: ['string', 'null'] }],
  ['a type that becomes branches', { type: 'string' }, { anyOf: [{ type: 'null' }, { type: 'string' }] }],
  [
    'a branch more that excludes the others',
    { oneOf: [{ type: 'string' }] },
    { oneOf: [{ type: 'string' }, { type: 'null' }] },
  ],
  [
    'kinds told apart by a constant',
    { oneOf: [closed({ k: { const: 'a' } }, ['k'])] },
    { oneOf: [closed({ k: { const: 'a' } }, ['k']), closed({ k: { const: 'b' } }, ['k'])] },
  ],
  ['less in allOf', { allOf: [{ type: 'string' }, { maxLength: 3 }] }, { allOf: [{ type: 'string' }] }],
  [
    'parts of allOf in another order',
    { allOf: [{ type: 'string' }, { maxLength: 3 }] },
    { allOf: [{ maxLength: 3 }, { type: 'string' }] },
  ],
  ['not refuses less', { not: { type: ['string', 'null'] } }, { not: { type: 'null' } }],
  [
    'one that has to be there with another, as before',
    { dependentRequired: { a: ['b'] } },
    { dependentRequired: { a: ['b'] } },
  ],
  ['one that had to be there', { required: ['b'] }, { dependentRequired: { a: ['b'] } }],
  [
    'another draft',
    { ...DRAFT_07, items: [{ type: 'string' }], additionalItems: false },
    { prefixItems: [{ type: 'string' }], items: false },
  ],
  [
    'a recursive one',
    { properties: { a: { $ref: '#' } }, additionalProperties: false },
    { properties: { a: { $ref: '#' }, b: {} }, additionalProperties: false },
  ],
  ['everything', closed({ a: {} }), true],
  ['from nothing', false, { type: 'string' }],
  [
    'conditions that stay',
    { if: { type: 'string' }, then: { maxLength: 3 } },
    { if: { type: 'string' }, then: { maxLength: 3 } },
  ],
])('%s breaks nothing', (_what, before, after) => {
  expect(breaks(before, after)).toEqual([]);
});

test.each<[string, JsonSchema, JsonSchema, string]>([
  ['a property that has to be there', closed({}), closed({ a: {} }, ['a']), '/required'],
  ['a property that went', closed({ a: {} }), closed({}), '/properties/a'],
  [
    'a typed property of an open object',
    { type: 'object' },
    { properties: { a: { type: 'string' } } },
    '/properties/a',
  ],
  ['an object that closes', { type: 'object' }, closed({}), '/additionalProperties'],
  ['a type less', { type: ['string', 'null'] }, { type: 'string' }, '/type'],
  ['whole numbers only', { type: 'number' }, { type: 'integer' }, '/type'],
  ['any type before', {}, { type: 'string' }, '/type'],
  ['a value less', { enum: ['a', 'b'] }, { enum: ['a'] }, '/enum'],
  ['a list of values', { type: 'string' }, { enum: ['a'] }, '/enum'],
  ['a tighter bound', { maximum: 5 }, { exclusiveMaximum: 5 }, '/exclusiveMaximum'],
  ['another step', { multipleOf: 3 }, { multipleOf: 6 }, '/multipleOf'],
  ['steps of fractions', { multipleOf: 0.3 }, { multipleOf: 0.1 }, '/multipleOf'],
  ['shorter texts', { maxLength: 4 }, { maxLength: 3 }, '/maxLength'],
  ['another pattern', { pattern: 'a' }, { pattern: 'a|b' }, '/pattern'],
  ['a format', { type: 'string' }, { type: 'string', format: 'date' }, '/format'],
  ['fewer items', {}, { maxItems: 3 }, '/maxItems'],
  ['items of another type', { items: { type: 'number' } }, { items: { type: 'integer' } }, '/items/type'],
  ['equal items', {}, { uniqueItems: true }, '/uniqueItems'],
  [
    'a deep one',
    closed({ a: closed({ b: { type: 'number' } }) }),
    closed({ a: closed({ b: { type: 'string' } }) }),
    '/properties/a/properties/b/type',
  ],
  [
    'through a reference',
    { $ref: '#/$defs/a', $defs: { a: { type: 'number' } } },
    { $ref: '#/$defs/a', $defs: { a: { type: 'string' } } },
    '/$defs/a/type',
  ],
  ['a branch less', { anyOf: [{ type: 'string' }, { type: 'null' }] }, { anyOf: [{ type: 'string' }] }, '/anyOf'],
  ['branches that may both hold', { oneOf: [{ minimum: 3 }] }, { oneOf: [{ minimum: 3 }, { maximum: 5 }] }, '/oneOf'],
  [
    'more in allOf',
    { allOf: [{ type: 'string' }] },
    { allOf: [{ type: 'string' }, { maxLength: 3 }] },
    '/allOf/1/maxLength',
  ],
  ['not refuses more', { not: { type: 'null' } }, { not: { type: ['null', 'string'] } }, '/not'],
  [
    'conditions',
    { if: { type: 'string' }, then: { maxLength: 3 } },
    { if: { type: 'string' }, then: { maxLength: 4 } },
    '/if',
  ],
  [
    'what was not seen through',
    { allOf: [closed({})], unevaluatedProperties: false },
    { allOf: [{}], unevaluatedProperties: false },
    '',
  ],
  ['names of another form', {}, { propertyNames: { maxLength: 3 } }, '/propertyNames'],
  [
    'a pattern of names',
    { type: 'object' },
    { patternProperties: { '^x': { type: 'string' } } },
    '/patternProperties/^x/type',
  ],
  ['a need of a name', {}, { dependentRequired: { a: ['b'] } }, '/dependentRequired'],
  ['items that are looked for', {}, { contains: { const: 1 } }, '/contains'],
  ['nothing', {}, false, ''],
])('%s breaks', (_what, before, after, place) => {
  expect(breaks(before, after).map((change) => change.place)).toContain(place);
});

test('what cannot be judged says so', () => {
  const [change] = breaks({ pattern: 'a' }, { pattern: 'b' });
  expect(change!.reason).toBe('pattern changed, and of two of them it cannot be judged which takes more');
});

test('what may be added to says how', () => {
  const [change] = breaks({ type: 'object' }, { type: 'object', properties: { vat: { type: 'string' } } });
  expect(change).toEqual({
    place: '/properties/vat',
    breaks: true,
    reason: 'vat could be anything before; only a schema with additionalProperties: false can be added to',
  });
});

test('what breaks nothing is told, too', () => {
  expect(judge(closed({ a: { minLength: 2 } }, ['a']), closed({ a: { minLength: 1 }, b: {} }))).toEqual([
    { place: '/required', breaks: false, reason: 'a may be missing' },
    { place: '/properties/a/minLength', breaks: false, reason: 'minLength 2 became 1' },
    { place: '/properties', breaks: false, reason: 'b may be there' },
  ]);
});

const NAMES = ['a', 'b', 'x1'];
const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  leaf: fc.constantFrom<unknown>(null, true, false, 0, 1, 2, 3, 4.5, '', 'a', 'ab', 'x1', '2026-11-22'),
  node: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    tie('leaf'),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('node'), { maxKeys: 3 }),
  ),
})).node;

const types = fc.constantFrom('null', 'boolean', 'integer', 'number', 'string', 'array', 'object');
const small = fc.integer({ min: 0, max: 3 });
const { schema } = fc.letrec<{ schema: JsonSchema; object: JsonSchema }>((tie) => {
  const inner = tie('schema');
  const list = fc.array(inner, { minLength: 1, maxLength: 2 });
  const map = (names: string[]) => fc.dictionary(fc.constantFrom(...names), inner, { maxKeys: 2 });
  return {
    schema: fc.oneof({ depthSize: 'small', maxDepth: 2 }, fc.constantFrom<JsonSchema>(true, false, {}), tie('object')),
    object: fc.record(
      {
        type: fc.oneof(types, fc.uniqueArray(types, { minLength: 1, maxLength: 3 })),
        const: fc.constantFrom<unknown>(null, 1, 'a', true),
        enum: fc.uniqueArray(fc.constantFrom<unknown>(null, 1, 2, 'a', 'ab', false), { minLength: 1, maxLength: 4 }),
        minimum: small,
        exclusiveMinimum: small,
        maximum: small,
        exclusiveMaximum: small,
        multipleOf: fc.integer({ min: 1, max: 4 }),
        minLength: small,
        maxLength: small,
        pattern: fc.constantFrom('a', '^x', 'b$'),
        format: fc.constantFrom('date', 'colour'),
        minItems: small,
        maxItems: small,
        uniqueItems: fc.boolean(),
        items: inner,
        prefixItems: list,
        contains: inner,
        minContains: small,
        maxContains: small,
        properties: map(NAMES),
        patternProperties: map(['^x', 'a']),
        additionalProperties: inner,
        propertyNames: inner,
        required: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
        minProperties: small,
        maxProperties: small,
        dependentRequired: fc.dictionary(
          fc.constantFrom(...NAMES),
          fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
          { maxKeys: 2 },
        ),
        dependentSchemas: map(NAMES),
        unevaluatedProperties: fc.boolean(),
        unevaluatedItems: fc.boolean(),
        allOf: list,
        anyOf: list,
        oneOf: list,
        not: inner,
        if: inner,
        then: inner,
        else: inner,
        $ref: fc.constantFrom('#/$defs/one', '#/$defs/two'),
      },
      { requiredKeys: [] },
    ),
  };
});

/** Mostly alike: two that have nothing in common break, and show nothing. */
const pairs = fc
  .tuple(schema, schema, schema, schema, fc.array(fc.nat(), { maxLength: 3 }))
  .map(([base, other, one, two, picks]): [JsonSchema, JsonSchema] => {
    const withDefs = (whole: JsonSchema) => (typeof whole === 'boolean' ? whole : { ...whole, $defs: { one, two } });
    return [withDefs(base), withDefs(changed(base, other, picks))];
  });

function changed(base: JsonSchema, other: JsonSchema, picks: number[]): JsonSchema {
  if (typeof base === 'boolean' || typeof other === 'boolean') return other;
  const copy = structuredClone(base) as Record<string, unknown>;
  for (const pick of picks) {
    const keys = [...new Set([...Object.keys(copy), ...Object.keys(other)])];
    const key = keys[pick % Math.max(1, keys.length)];
    if (key === undefined) continue;
    const [mine, theirs] = [copy[key], other[key]];
    if (theirs === undefined) delete copy[key];
    else if (mine !== null && typeof mine === 'object' && !Array.isArray(mine) && typeof theirs === 'object') {
      copy[key] = changed(mine as JsonSchema, theirs as JsonSchema, [pick >> 3]);
    } else copy[key] = theirs;
  }
  return copy as JsonSchema;
}

test('where nothing breaks, what was right stays right', () => {
  let judged = 0;
  fc.assert(
    fc.property(pairs, fc.array(value, { minLength: 20, maxLength: 40 }), ([before, after], data) => {
      const [old, next] = [readJsonSchema(before), readJsonSchema(after)];
      fc.pre(!('errors' in old) && !('errors' in next));
      if ('errors' in old || 'errors' in next) return;
      if (judgeJsonSchema(old.document, next.document).some((change) => change.breaks)) return;
      const [was, is] = [jsonSchemaCheck(old.document), jsonSchemaCheck(next.document)];
      for (const one of data) {
        if (was(one) !== null) continue;
        judged++;
        expect([one, is(one)]).toEqual([one, null]);
      }
    }),
    { numRuns: 100 },
  );
  expect(judged).toBeGreaterThan(20);
});

test('a schema breaks nothing of itself', () => {
  fc.assert(
    fc.property(schema, schema, schema, (root, one, two) => {
      const whole = typeof root === 'boolean' ? root : { ...root, $defs: { one, two } };
      const found = readJsonSchema(whole);
      if ('errors' in found) return;
      expect(judgeJsonSchema(found.document, found.document).filter((change) => change.breaks)).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

describe('what could run for ever', () => {
  const many = <Item>(count: number, of: (i: number) => Item) => Array.from({ length: count }, (_, i) => of(i));
  const map = (count: number, of: (i: number) => [string, unknown]) => Object.fromEntries(many(count, of));
  const listed = { enum: many(900, (i) => i) };
  const wide = { oneOf: many(100, (i) => ({ const: i })) };
  const often = (schema: object) => ({
    properties: map(60, (i) => [`p${i}`, { $ref: '#/$defs/a' }]),
    $defs: { a: schema },
  });

  it.each<[string, JsonSchema, JsonSchema]>([
    ['branches that exclude each other', wide, { ...wide, maxLength: 3 }],
    ['long lists that are compared often', often(listed), often({ ...listed, title: 'Kinds' })],
    ['the same said often', often({ not: wide }), often({ not: { ...wide, title: 'Kinds' } })],
    [
      'many names and many patterns',
      {
        properties: map(200, (i) => [`n${i}`, true]),
        patternProperties: map(30, (i) => [`x{${i % 9},9}y${i}`, true]),
      },
      { properties: map(200, (i) => [`n${i}`, true]), patternProperties: map(30, (i) => [`x{${i % 9},9}y${i}`, {}]) },
    ],
    [
      'names that ask for others',
      { required: many(1200, (i) => `n${i}`) },
      { dependentRequired: map(18, (i) => [`m${i}`, many(16, (j) => `n${j}`)]) },
    ],
  ])('ends: %s', (_what, before, after) => {
    const [old, next] = [read(before), read(after)];
    const from = performance.now();
    judgeJsonSchema(old, next);
    expect(performance.now() - from).toBeLessThan(8000);
  });
});
