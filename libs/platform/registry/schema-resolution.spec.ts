import type avro from 'avsc';
import fc from 'fast-check';
import { computedMs } from '../testing/computed-ms.js';
import { compileSchema } from './avro-schema.js';
import { incompatibilities } from './schema-resolution.js';

const typeOf = (schema: unknown) => compileSchema(JSON.stringify(schema)).type;
const found = (reader: unknown, writer: unknown) => incompatibilities(typeOf(reader), typeOf(writer));
const kinds = (reader: unknown, writer: unknown) => found(reader, writer).map(({ kind, path }) => `${kind} ${path}`);

const record = (name: string, fields: unknown[], more: object = {}) => ({ type: 'record', name, fields, ...more });
const field = (name: string, type: unknown, more: object = {}) => ({ name, type, ...more });
const enumeration = (symbols: string[], more: object = {}) => ({ type: 'enum', name: 'E', symbols, ...more });
const fixed = (size: number, more: object = {}) => ({ type: 'fixed', name: 'F', size, ...more });
const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale });

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'];

/** Avro 1.12, "Schema Resolution": writer is promotable to reader. */
const PROMOTED = [
  'int long',
  'int float',
  'int double',
  'long float',
  'long double',
  'float double',
  'string bytes',
  'bytes string',
];

describe('primitive types', () => {
  it.each(PRIMITIVES.flatMap((writer) => PRIMITIVES.map((reader) => [writer, reader] as const)))(
    '%s read as %s',
    (writer, reader) => {
      const fits = writer === reader || PROMOTED.includes(`${writer} ${reader}`);
      expect(kinds(reader, writer)).toEqual(fits ? [] : ['TYPE_MISMATCH /']);
    },
  );
});

/** The sentences of the specification, each with a reader, a writer, and what is wrong. */
const SENTENCES: [sentence: string, reader: unknown, writer: unknown, wrong: string[]][] = [
  ['arrays match by their items', { type: 'array', items: 'long' }, { type: 'array', items: 'int' }, []],
  [
    'arrays of others do not',
    { type: 'array', items: 'int' },
    { type: 'array', items: 'long' },
    ['TYPE_MISMATCH /items'],
  ],
  ['maps match by their values', { type: 'map', values: 'bytes' }, { type: 'map', values: 'string' }, []],
  ['maps of others do not', { type: 'map', values: 'int' }, { type: 'map', values: 'null' }, ['TYPE_MISMATCH /values']],
  ['a map is no array', { type: 'map', values: 'int' }, { type: 'array', items: 'int' }, ['TYPE_MISMATCH /']],
  ['enums match by name', enumeration(['A']), { ...enumeration(['A']), name: 'G' }, ['NAME_MISMATCH /name']],
  ['names match without their namespaces', enumeration(['A']), { ...enumeration(['A']), name: 'x.y.E' }, []],
  ['an alias is a name', enumeration(['A'], { aliases: ['G'] }), { ...enumeration(['A']), name: 'G' }, []],
  ['an enum may know more symbols', enumeration(['A', 'B']), enumeration(['A']), []],
  ['an enum may not know fewer', enumeration(['A']), enumeration(['A', 'B']), ['MISSING_ENUM_SYMBOLS /symbols']],
  ['unless it has a default', enumeration(['A'], { default: 'A' }), enumeration(['A', 'B']), []],
  ['the order of symbols is free', enumeration(['B', 'A']), enumeration(['A', 'B']), []],
  ['fixed match by size', fixed(4), fixed(5), ['FIXED_SIZE_MISMATCH /size']],
  ['fixed match by name', fixed(4), { ...fixed(4), name: 'G' }, ['NAME_MISMATCH /name']],
  ['fixed is not bytes', fixed(4), 'bytes', ['TYPE_MISMATCH /']],
  ['records match by name', record('R', []), record('Q', []), ['NAME_MISMATCH /name']],
  ['a record has its aliases', record('R', [], { aliases: ['Q'] }), record('Q', []), []],
  [
    'the order of fields is free',
    record('R', [field('b', 'int'), field('a', 'int')]),
    record('R', [field('a', 'int'), field('b', 'int')]),
    [],
  ],
  ['a field that only the writer has is passed over', record('R', []), record('R', [field('a', 'int')]), []],
  [
    'a field that only the reader has takes its default',
    record('R', [field('a', 'int', { default: 0 })]),
    record('R', []),
    [],
  ],
  ['null is a default', record('R', [field('a', ['null', 'int'], { default: null })]), record('R', []), []],
  [
    'without one it is an error',
    record('R', [field('a', 'int')]),
    record('R', []),
    ['READER_FIELD_MISSING_DEFAULT_VALUE /fields/0'],
  ],
  [
    "an enum's default is none of its field",
    record('R', [field('a', enumeration(['A'], { default: 'A' }))]),
    record('R', []),
    ['READER_FIELD_MISSING_DEFAULT_VALUE /fields/0'],
  ],
  [
    'a field has its aliases',
    record('R', [field('b', 'int', { aliases: ['a'] })]),
    record('R', [field('a', 'int')]),
    [],
  ],
  [
    'its own name comes first',
    record('R', [field('b', 'int', { aliases: ['a'] })]),
    record('R', [field('a', 'string'), field('b', 'int')]),
    [],
  ],
  [
    'two aliases that are both there are no answer',
    record('R', [field('c', 'int', { aliases: ['a', 'b'] })]),
    record('R', [field('a', 'int'), field('b', 'int')]),
    ['NAME_MISMATCH /fields/0'],
  ],
  [
    'fields match by type',
    record('R', [field('x', 'long'), field('a', 'int')]),
    record('R', [field('x', 'int'), field('a', 'long')]),
    ['TYPE_MISMATCH /fields/1/type'],
  ],
  ['a union reads any of its branches', ['null', 'string'], 'string', []],
  ['by promotion too', ['null', 'double'], 'int', []],
  ['and nothing else', ['null', 'string'], 'int', ['MISSING_UNION_BRANCH /']],
  [
    "what is wrong in a branch of the writer's name is said",
    ['null', record('R', [field('a', 'int')])],
    record('R', []),
    ['READER_FIELD_MISSING_DEFAULT_VALUE /1/fields/0'],
  ],
  ['every branch of a written union must be read', 'string', ['null', 'string'], ['TYPE_MISMATCH /']],
  ['one branch is all of them', 'long', ['int'], []],
  ['unions match branch by branch', ['string', 'null', 'long'], ['null', 'int'], []],
  ['decimals match by precision and scale', decimal(9, 2), decimal(9, 2), []],
  ['another scale is another number', decimal(9, 2), decimal(9, 3), ['DECIMAL_MISMATCH /']],
  ['another precision too', decimal(9, 2), decimal(10, 2), ['DECIMAL_MISMATCH /']],
  ['an invalid decimal is its bytes', decimal(9, 2), decimal(2, 9), []],
  [
    'a decimal of fixed size has a scale',
    { ...fixed(8), logicalType: 'decimal', precision: 9, scale: 1 },
    { ...fixed(8), logicalType: 'decimal', precision: 9 },
    ['DECIMAL_MISMATCH /'],
  ],
  [
    'another logical type says nothing',
    { type: 'long', logicalType: 'timestamp-millis' },
    { type: 'long', logicalType: 'timestamp-micros' },
    [],
  ],
];

describe('the specification says', () => {
  it.each(SENTENCES)('%s', (_sentence, reader, writer, wrong) => {
    expect(kinds(reader, writer)).toEqual(wrong);
  });

  it('a recursive type is followed once', () => {
    const list = (name: string, value: string) =>
      record(name, [field('value', value), field('next', ['null', name], { default: null })]);
    expect(kinds(list('L', 'long'), list('L', 'int'))).toEqual([]);
    expect(kinds(list('L', 'int'), list('L', 'long'))).toEqual(['TYPE_MISMATCH /fields/0/type']);
  });

  it('what is wrong in two places is said twice', () => {
    const both = (type: string) => record('R', [field('a', type), field('b', { type: 'array', items: type })]);
    expect(kinds(both('int'), both('string'))).toEqual([
      'TYPE_MISMATCH /fields/0/type',
      'TYPE_MISMATCH /fields/1/type/items',
    ]);
  });
});

it('a type that stands in very many places does not take long', () => {
  const nested = (type: string) => {
    const levels: unknown[] = [record('R0', [field('a', type)])];
    for (let i = 1; i <= 60; i++) {
      levels.push(record(`R${i}`, [field('a', levels[i - 1]), field('b', `R${i - 1}`)]));
    }
    return levels.at(-1);
  };
  expect(found(nested('int'), nested('string')).length).toBeLessThan(100);
});

it.each([
  ['a union of very many types', Array.from({ length: 3000 }, (_, i) => fixed(1, { name: `F${i}` }))],
  [
    'an enum of very many symbols',
    { type: 'enum', name: 'E', symbols: Array.from({ length: 50_000 }, (_, i) => `s${i}`) },
  ],
])('%s is compared with itself in good time', (_what, schema) => {
  const [reader, writer] = [typeOf(schema), typeOf(schema)];
  const started = process.cpuUsage();
  expect(incompatibilities(reader, writer)).toEqual([]);
  expect(computedMs(started)).toBeLessThan(5000);
});

/** Schemas without logical types or aliases, where avsc's resolver follows the specification. */
const { schema: anySchema } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...PRIMITIVES),
    fc
      .uniqueArray(fc.constantFrom('A', 'B', 'C'), { minLength: 1 })
      .map((symbols) => ({ type: 'enum', name: 'E', symbols })),
    fc.constantFrom(4, 5).map((size) => fixed(size)),
    tie('schema').map((items) => ({ type: 'array', items })),
    tie('schema').map((values) => ({ type: 'map', values })),
    fc.uniqueArray(fc.constantFrom(...PRIMITIVES), { minLength: 1, maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), tie('schema'), fc.boolean()), {
        maxLength: 3,
        selector: ([name]) => name,
      })
      .map((fields) =>
        record(
          'R',
          fields.map(([name, type, optional]) =>
            optional ? field(name, ['null', 'string'], { default: null }) : field(name, type),
          ),
        ),
      ),
  ),
}));

/** Named types may stand in one schema once only. */
const schemas = anySchema.map((schema) => {
  let count = 0;
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== 'object' || value === null) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, rename(one)]));
    if (['record', 'enum', 'fixed'].includes(copy.type as string)) copy.namespace = `n${count++}`;
    return copy;
  };
  return rename(schema);
});

describe('any schema', () => {
  it('reads what it wrote', () => {
    fc.assert(fc.property(schemas, (schema) => expect(found(schema, schema)).toEqual([])));
  });

  it('reads what another wrote where avsc can, and not where it cannot', () => {
    fc.assert(
      fc.property(schemas, schemas, (reader, writer) => {
        const ours = found(reader, writer).length === 0;
        expect([reader, writer, ours]).toEqual([reader, writer, avscResolves(reader, writer)]);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads every value of a writer whom it fits', () => {
    fc.assert(
      fc.property(schemas, schemas, (reader, writer) => {
        fc.pre(found(reader, writer).length === 0);
        const [target, source] = [typeOf(reader), typeOf(writer)];
        const resolver = resolverOf(target, source);
        for (let i = 0; i < 5; i++) target.fromBuffer(source.toBuffer(source.random()), resolver);
      }),
      { numRuns: 300 },
    );
  });
});

/** The types of avsc do not list its option. */
function resolverOf(reader: avro.Type, writer: avro.Type): avro.Resolver {
  type Resolving = { createResolver(type: avro.Type, options: { ignoreNamespaces: boolean }): avro.Resolver };
  return (reader as unknown as Resolving).createResolver(writer, { ignoreNamespaces: true });
}

function avscResolves(reader: unknown, writer: unknown): boolean {
  try {
    resolverOf(typeOf(reader), typeOf(writer));
    return true;
  } catch {
    return false;
  }
}
