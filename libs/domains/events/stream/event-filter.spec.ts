import { metaOf } from '../../../platform/event-codec/event-codec.fixture.js';
import { newId } from '../../../platform/kernel/id.js';
import { keyOf, matches, matchesSignal, parseFilter } from './event-filter.js';

const [conversation, other, customer] = [newId('conv'), newId('conv'), newId('cus')];
const event = (type: string, stream = conversation, data: unknown = {}) => ({
  type,
  meta: { ...metaOf(type), stream },
  data,
});
const activity = (subject_id: string, activity_type = 'invoice.paid') =>
  event('activity.recorded', newId('act'), { subject_id, activity_type });
const subjects = { customers: new Set([customer]), conversations: new Set([conversation]) };

it('takes types, groups and nouns', () => {
  const { types } = parseFilter({ type: 'message.changed,label.*,conversation.created' });
  expect([...types!].filter((type) => !type.startsWith('label.')).sort()).toEqual([
    'conversation.created',
    'message.edited',
    'message.redacted',
  ]);
  expect([...types!].filter((type) => type.startsWith('label.')).length).toBeGreaterThan(3);
});

it('names every word that means nothing, and where it stands', () => {
  const invented = () => parseFilter({ type: 'message.invented,message.created,inventions.*' }, 'body');
  expect(invented).toThrow(expect.objectContaining({ code: 'invalid_value' }));
  try {
    invented();
  } catch (error) {
    const { errors } = (error as { more: { errors: { pointer: string; message: string }[] } }).more;
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/body/type', '/body/type']);
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('message.invented'),
      expect.stringContaining('inventions.*'),
    ]);
  }
});

it('names no more activities than are quickly held against one', () => {
  const named = (count: number) =>
    parseFilter({ activity: Array.from({ length: count }, (_, i) => `a${i}.*`).join(',') });
  expect(named(50).activities!.size).toBe(50);
  expect(() => named(51)).toThrow(expect.objectContaining({ code: 'invalid_value' }));
});

it.each([
  [{}, event('message.created'), true],
  [{ type: 'message.*' }, event('conversation.created'), false],
  [{ conversation }, event('message.created'), true],
  [{ conversation }, event('message.created', other), false],
  [{ conversation }, activity(conversation), true],
  [{ customer }, event('customer.renamed', customer), true],
  [{ customer }, event('message.created'), true],
  [{ customer }, event('message.created', other), false],
  [{ customer }, activity(customer), true],
  [{ customer }, activity(other), false],
  [{ actor: 'root' }, event('message.created'), false],
  [{ activity: 'invoice.paid' }, activity(other), true],
  [{ activity: 'invoice.*' }, activity(other), true],
  [{ activity: 'invoice.*' }, activity(other, 'invoices'), false],
  [{ activity: 'invoice' }, activity(other), false],
  [{ activity: 'invoice.*' }, event('message.created'), false],
])('case %#: matches what it means', (input, given, meant) => {
  expect(matches(parseFilter(input), given, 'customer' in input ? subjects : null)).toBe(meant);
});

it.each([
  [{}, 'typing', conversation, true],
  [{ type: 'message.created' }, 'typing', conversation, false],
  [{ type: 'message.created,typing' }, 'typing', conversation, true],
  [{ type: 'message.created,typing' }, 'presence', conversation, false],
  [{ conversation }, 'presence', other, false],
  [{ customer }, 'presence', conversation, true],
  [{ customer }, 'presence', other, false],
  [{ actor: 'root' }, 'typing', conversation, false],
  [{ activity: 'invoice.*' }, 'typing', conversation, false],
])('case %#: hears the signals that it means', (input, name, stream, heard) => {
  expect(matchesSignal(parseFilter(input), { name, stream }, 'customer' in input ? subjects : null)).toBe(heard);
});

it('is known again where it means the same', () => {
  const same = keyOf(parseFilter({ type: 'message.edited,message.redacted' }));
  expect(keyOf(parseFilter({ type: 'message.changed' }))).toBe(same);
  expect(keyOf(parseFilter({ type: 'message.edited' }))).not.toBe(same);
});
