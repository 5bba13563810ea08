import type { Filter } from './filter.js';
import { filterSql } from './filter-sql.js';
import { SqlValues } from './sql-values.js';

function compiled(filter: Filter): { text: string; values: unknown[] } {
  const sql = new SqlValues();
  return { text: filterSql(filter, sql), values: sql.values };
}

const USER = 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e03';
const LABEL = 'lbl_0198f2c0a1b27c3d8e4f5a6b7c8d9e06';
const bytes = (id: string) => Buffer.from(id.slice(4), 'hex');
const open: Filter = { field: 'status', op: 'is', value: 'open' };

it.each<[Filter, string, unknown[]]>([
  [open, 'c.status = $1', ['open']],
  [{ not: open }, 'c.status <> $1', ['open']],
  [{ field: 'assignee', op: 'is_not', value: USER }, '(c.assignee is null or c.assignee <> $1)', [bytes(USER)]],
  [{ field: 'assignee', op: 'none' }, 'c.assignee is null', []],
  [{ field: 'team', op: 'any' }, 'c.team is not null', []],
  [{ not: { field: 'team', op: 'any' } }, 'c.team is null', []],
  [{ field: 'assignee', op: 'in', value: [USER] }, 'c.assignee = any ($1::uuid[])', [[USER.slice(4)]]],
  [
    { field: 'external_id', op: 'not_in', value: ['a', 'b'] },
    '(c.external_id is null or c.external_id <> all ($1::text[]))',
    [['a', 'b']],
  ],
  [
    { field: 'label', op: 'is', value: LABEL },
    'exists (select from conversation.labelings x where x.conversation = c.conversation and x.label = $1)',
    [bytes(LABEL)],
  ],
  [
    { not: { field: 'closed_at', op: 'before', value: '2020-01-01T00:00:00.000Z' } },
    '(c.closed_at is null or c.closed_at >= $1)',
    ['2020-01-01T00:00:00.000Z'],
  ],
  [
    { field: 'created_at', op: 'after', value: '2020-01-01T00:00:00.000Z' },
    'c.created_at > $1',
    ['2020-01-01T00:00:00.000Z'],
  ],
  [{ field: 'locked', op: 'is_not', value: true }, 'c.locked <> $1', [true]],
  [{ field: 'title', op: 'contains', value: '%' }, 'strpos(lower(c.title), lower($1)) > 0', ['%']],
])('makes SQL of %j', (filter, text, values) => {
  expect(compiled(filter)).toEqual({ text, values });
});

it('looks for a company among those of all who are read as the customer', () => {
  const { text, values } = compiled({ field: 'company', op: 'none' });
  expect(text).toMatch(/^not exists \(select from \(select .* where kind = 'company'\s+union all /);
  expect(text).toMatch(/ x where x\.customer = c\.customer\)$/);
  expect(values).toEqual([]);
});

it('carries a negation down, and turns the words around', () => {
  const high: Filter = { field: 'priority', op: 'is', value: 'high' };
  expect(compiled({ not: { and: [open, { or: [high, { not: open }] }] } }).text).toBe(
    '(c.status <> $1 or (c.priority <> $2 and c.status = $3))',
  );
});

it('puts nothing of a request into the text', () => {
  const evil = `'; drop table conversation.conversations; --`;
  for (const field of ['title', 'external_id', 'channel'] as const) {
    const { text, values } = compiled({ field, op: 'is', value: evil });
    expect(text).not.toContain('drop');
    expect(values).toEqual([evil]);
  }
});
