import { newId } from '../kernel/id.js';
import type { ProjectedEvent } from '../projections/projection.js';
import { valueRows } from './value-rows.js';

const conversation = newId('conv');
const field = newId('fld');
const project = valueRows('values');

function event(type: string, data: object): ProjectedEvent {
  const meta = { stream: conversation, workspace: newId('wsp'), seq: 1, occurred_at: 0 } as ProjectedEvent['meta'];
  return { type, meta, data: { field_id: field, key: 'key', version: 1, value: null, personal_value: null, ...data } };
}

const namesOf = (...events: ProjectedEvent[]) => project(events, (name) => name).map(({ name }) => name);
/** The texts among the parameters of the insert, as Postgres gets them. */
const sentOf = (...events: ProjectedEvent[]) =>
  Buffer.concat(project(events, (name) => name)[1]!.values as Buffer[]).toString('latin1');

it('first takes away what was there, and then inserts the last word on each value', () => {
  const set = (value: string) => event('conversation.field_set', { kind: 'string', value });
  expect(namesOf(set('"weld"'), set('"woad"'))).toEqual(['delete values', 'insert values']);
  expect(sentOf(set('"weld"'), set('"woad"'))).toContain('woad');
  expect(sentOf(set('"weld"'), set('"woad"'))).not.toContain('weld');
  expect(namesOf(set('"weld"'), event('conversation.field_cleared', {}))).toEqual(['delete values']);
});

it('keeps the values of a message apart from those of its conversation', () => {
  const message = event('message.field_set', { kind: 'string', value: '"weld"', message_id: newId('msg') });
  const own = event('conversation.field_set', { kind: 'string', value: '"woad"' });
  expect(sentOf(message, own)).toContain('weld');
  expect(sentOf(message, own)).toContain('woad');
});

it('shows what was sealed for somebody who was erased as unreadable, whatever its kind', () => {
  for (const kind of ['string', 'number', 'currency', 'boolean', 'date', 'multi_enum']) {
    expect(sentOf(event('customer.field_set', { kind, personal_value: 'erased' }))).toContain('"erased"');
  }
});
