import type { DomainEvent } from '../kernel/event.js';
import { newId } from '../kernel/id.js';
import { idArray, textArray, timestampArray } from '../postgres/binary-array.js';
import { text } from './column.js';
import { currentRows } from './current-rows.js';
import type { ProjectedEvent } from './projection.js';

type ShelfEvent = DomainEvent<'shelf.built', { colour: string }> | DomainEvent<'shelf.painted', { colour: string }>;

const project = currentRows<ShelfEvent, 'shelf.built', { colour: string | null }>({
  table: 'shelves',
  key: 'shelf',
  created: {
    type: 'shelf.built',
    columns: { colour: text(({ data }) => data.colour) },
    set: { colour: 'lower(e.colour)', built_at: 'e.at' },
  },
  changed: {
    nothing: { colour: null },
    fold(changes, { data }) {
      changes.colour = data.colour;
    },
    columns: { colour: text(({ colour }) => colour) },
    set: { colour: 'coalesce(e.colour, r.colour)' },
  },
});

const workspace = newId('wsp');
const [a, b, c] = [newId('conv'), newId('conv'), newId('conv')];
const event = (type: ShelfEvent['type'], stream: string, at: number, colour: string): ProjectedEvent =>
  ({ type, data: { colour }, meta: { stream, workspace, occurred_at: at } }) as never;
const statements = (...events: ProjectedEvent[]) => project(events, (name) => `attic.${name}`);

it('makes one insert and one update of a batch, with a row a stream', () => {
  const [insert, update, ...more] = statements(
    event('shelf.built', a, 1, 'Oak'),
    event('shelf.painted', c, 2, 'red'),
    event('shelf.painted', a, 3, 'blue'),
    event('shelf.built', b, 4, 'Ash'),
    event('shelf.painted', c, 5, 'green'),
  );
  expect(more).toEqual([]);
  expect(insert).toEqual({
    name: 'insert attic.shelves',
    text: 'insert into attic.shelves (shelf, workspace, colour, built_at) select e.shelf, e.workspace, lower(e.colour), e.at from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[]) e(shelf, workspace, at, colour)',
    values: [idArray([a, b]), idArray([workspace, workspace]), timestampArray([1, 4]), textArray(['Oak', 'Ash'])],
  });
  expect(update).toEqual({
    name: 'update attic.shelves',
    text: 'update attic.shelves r set colour = coalesce(e.colour, r.colour) from unnest($1::uuid[], $2::timestamptz[], $3::text[]) e(shelf, at, colour) where r.shelf = e.shelf',
    values: [idArray([c, a]), timestampArray([5, 3]), textArray(['green', 'blue'])],
  });
});

it('makes only what a batch needs', () => {
  expect(statements(event('shelf.built', a, 1, 'Oak')).map(({ name }) => name)).toEqual(['insert attic.shelves']);
  expect(statements(event('shelf.painted', a, 1, 'red')).map(({ name }) => name)).toEqual(['update attic.shelves']);
});
