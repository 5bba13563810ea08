import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../platform/postgres/package-root.js';
import { webhookFilterField } from './filter.schema.js';

const id = (prefix: string) => `${prefix}_0198f2c0a1b27c3d8e4f5a6b7c8d9e06`;

function mistakesOf(filter: unknown): string[] {
  const issues = webhookFilterField.safeParse(filter).error?.issues ?? [];
  return issues.map(({ path, message }) => `/${path.join('/')} ${message}`);
}

it.each([
  { field: 'channel', op: 'is', value: 'chat' },
  { field: 'status', op: 'in', value: ['open', 'snoozed'] },
  { field: 'priority', op: 'not_in', value: ['low'] },
  { field: 'label', op: 'none' },
  { field: 'team', op: 'is_not', value: id('team') },
  { field: 'assignee', op: 'is', value: id('aia') },
  { field: 'customer', op: 'any' },
  { field: 'company', op: 'in', value: [id('com')] },
  { field: 'tenant', op: 'is', value: id('ten') },
  { field: 'actor_type', op: 'is_not', value: 'ai_agent' },
  { field: 'activity', op: 'in', value: ['invoice.paid', 'invoice.*', 'signed_up'] },
  { field: 'custom_field', key: 'tier', op: 'is', value: 'gold' },
  { field: 'custom_field', object: 'customer', key: 'tier', op: 'gte', value: 3 },
  { field: 'custom_field', object: 'company', key: 'tier', op: 'none' },
  { or: [{ not: { field: 'status', op: 'is', value: 'open' } }, { and: [{ field: 'team', op: 'any' }] }] },
])('takes %j', (filter) => {
  expect(webhookFilterField.parse(filter)).toEqual(filter);
});

it.each([
  [{ field: 'tier', op: 'is', value: 'gold' }, /^\/field is not one of channel, status, .*custom_field$/],
  [{ field: 'title', op: 'contains', value: 'x' }, /^\/field is not one of channel,/],
  [{ field: 'channel', op: 'none' }, /^\/op is not one of is, is_not, in, not_in$/],
  [{ field: 'status', op: 'is', value: 'ajar' }, /^\/value .*"open"/],
  [{ field: 'activity', op: 'is', value: 'invoice*' }, /^\/value is not the name of an activity/],
  [{ field: 'activity', op: 'is', value: '*' }, /^\/value is not the name of an activity/],
  [{ field: 'custom_field', object: 'message', key: 'tier', op: 'any' }, /^\/object .*"conversation"/],
  [{ field: 'custom_field', key: 'tier', op: 'contains', value: 'x' }, /^\/op is not one of is, .*none$/],
  [{ and: [{ field: 'label', op: 'is', value: 'lamp' }] }, /^\/and\/0\/value is not a lbl_… id$/],
])('says of %j where it is wrong', (filter, message) => {
  expect(mistakesOf(filter)).toEqual([expect.stringMatching(message)]);
});

it('takes the examples of its page', () => {
  const page = readFileSync(join(packageRoot, 'docs/webhook-filters.md'), 'utf8');
  const examples = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => JSON.parse(match[1]!) as unknown);
  expect(examples).toHaveLength(3);
  for (const example of examples) expect(mistakesOf(example)).toEqual([]);
});
