import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { laterSchema } from '../event-codec/event-codec.fixture.js';
import { SchemaCatalogue } from './schema-catalogue.js';
import { changesBetween } from './schema-changes.js';

const catalogue = new SchemaCatalogue(EVENT_SCHEMAS);
const [first, second] = ['1.0', '1.1'].map((version) => catalogue.find('conversation.closed', version)!) as [
  (typeof EVENT_SCHEMAS)[number],
  (typeof EVENT_SCHEMAS)[number],
];

it('says what a revision added, with the default that older events show', () => {
  expect(changesBetween(first, second)).toEqual([
    {
      field: 'detail',
      change: 'added',
      sentence: 'detail is new; events that were written before it show null.',
      from: null,
      to: { type: ['string', 'null'], description: expect.stringContaining('sdt_'), default: null },
    },
  ]);
});

it('says, the other way round, what the older one is without', () => {
  expect(changesBetween(second, first)).toEqual([
    expect.objectContaining({ field: 'detail', change: 'removed', sentence: '1.0 has no detail.', to: null }),
  ]);
});

it('finds nothing between a version and itself', () => {
  for (const schema of EVENT_SCHEMAS) expect(changesBetween(schema, schema)).toEqual([]);
});

it('tells a field that is described otherwise from one that holds something else', () => {
  const [text, later] = ['1.0', '1.1'].map((version) => catalogue.find('message.created', version)!);
  expect(changesBetween(text!, later!).filter(({ change }) => change !== 'added')).toEqual([
    expect.objectContaining({ field: 'type', change: 'doc_changed' }),
  ]);
  const number = { name: 'article', doc: 'Its number.', type: 'long', default: 0 };
  const other = laterSchema(second, { version: 2, remove: 'article', add: [number] });
  expect(changesBetween(second, other)).toEqual([
    expect.objectContaining({ field: null, change: 'record_changed', from: second.record, to: other.record }),
    expect.objectContaining({ field: 'article', change: 'type_changed' }),
    expect.objectContaining({ field: 'article', change: 'default_changed' }),
  ]);
});

it('sees a change inside of a list or a record', () => {
  const option = (name: string, doc: string) => ({
    name: 'parts',
    doc: 'Of it.',
    type: { type: 'array', items: { type: 'record', name: 'heddle.Part', fields: [{ name, doc, type: 'string' }] } },
  });
  const before = laterSchema(first, { revision: 2, add: [option('size', 'How large.')] });
  const reworded = laterSchema(first, { revision: 3, add: [option('size', 'Its size.')] });
  const renamed = laterSchema(first, { revision: 3, add: [option('width', 'How large.')] });
  expect(changesBetween(before, reworded)).toEqual([
    expect.objectContaining({ field: 'parts', change: 'doc_changed' }),
  ]);
  expect(changesBetween(before, renamed)).toEqual([
    expect.objectContaining({ field: 'parts', change: 'type_changed' }),
  ]);
});
