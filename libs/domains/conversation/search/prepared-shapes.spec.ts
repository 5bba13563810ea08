import { listConversations } from '../conversation.operations.js';
import type { Filter } from './filter.js';
import { listFilter } from './list-filter.js';
import { isUsual, prepared } from './prepared-shapes.js';

/** The filter of a list with these parameters, in the order in which they come to the handler. */
function listed(query: object): Filter | undefined {
  const parsed = Object.entries(listConversations.query.parse(query));
  return listFilter(Object.fromEntries(parsed.filter(([name]) => name in query)));
}
const team = 'team_0198f2c0a1b27c3d8e4f5a6b7c8d9e02';

it('are those of the usual parameters of the list, in whatever order they are sent', () => {
  expect(isUsual({})).toBe(true);
  expect(isUsual({ text: 'wool' })).toBe(true);
  expect(isUsual({ filter: listed({ priority: 'high', status: 'open', channel: 'chat' }) })).toBe(true);
  expect(isUsual({ filter: listed({ channel: 'chat', team, status: 'open' }) })).toBe(true);
});

it.each<[string, Filter]>([
  ['other fields', { and: [{ field: 'external_id', op: 'is', value: 'x' }] }],
  ['other operators', { and: [{ field: 'status', op: 'in', value: ['open'] }] }],
  ['nested', { and: [{ and: [{ field: 'status', op: 'is', value: 'open' }] }] }],
  ['alternatives', { or: [{ field: 'status', op: 'is', value: 'open' }] }],
  ['opposites', { not: { field: 'status', op: 'is', value: 'open' } }],
  [
    'the same field again',
    {
      and: [
        { field: 'status', op: 'is', value: 'open' },
        { field: 'status', op: 'is', value: 'closed' },
      ],
    },
  ],
  [
    'another order',
    {
      and: [
        { field: 'channel', op: 'is', value: 'chat' },
        { field: 'status', op: 'is', value: 'open' },
      ],
    },
  ],
])('are not those with %s', (_, filter) => {
  expect(isUsual({ filter })).toBe(false);
});

it('are not those of a filter with a text', () => {
  expect(isUsual({ filter: listed({ status: 'open' }), text: 'wool' })).toBe(false);
});

it('have the name of their text, whichever process asks', () => {
  expect(prepared('select 1', []).name).toBe(prepared('select 1', [2]).name);
  expect(prepared('select 1', []).name).not.toBe(prepared('select 2', []).name);
});
