import { z } from 'zod';
import { fieldValueField } from '../fields/field-schemas.js';
import { fieldMessage } from './field-messages.js';
import { idField } from './fields.js';

const messageOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value, { error: fieldMessage }).error?.issues[0]?.message;

it.each([
  [idField('usr')],
  [z.record(z.string(), z.string())],
  [z.enum(['open', 'closed'])],
  [z.union([z.string(), z.number()])],
  [fieldValueField],
])('says that what is not there is missing', (schema) => {
  expect(messageOf(schema, undefined)).toBe('is missing');
});

it.each([
  [z.record(z.string(), z.string()), [], 'is not an object'],
  [z.strictObject({}), 'a', 'is not an object'],
  [z.array(z.string()), {}, 'is not a list'],
  [z.string(), 1, 'is not a text'],
  [z.number(), null, 'is not a number'],
  [z.int(), 1.5, 'is not a whole number'],
  [z.boolean(), 'true', 'is not true or false'],
  [z.enum(['open', 'closed']), 'ajar', 'is not one of "open", "closed"'],
  [z.literal('none'), 'all', 'is not "none"'],
  [idField('usr'), 'ada', 'is not a usr_… id'],
  [z.int().max(1000), 1001, 'is more than 1000'],
  [z.int().min(1), 0, 'is less than 1'],
  [z.string().max(2), 'ada', 'is longer than 2 characters'],
  [z.string().min(1), '', 'is empty'],
  [z.array(z.int()).max(1), [1, 2], 'has more than 1 items'],
  [z.array(z.int()).min(1), [], 'is empty'],
])('says what stands there instead', (schema, value, message) => {
  expect(messageOf(schema, value)).toBe(message);
});

it('says what the value of a custom field looks like', () => {
  const currency = { amount: 12.5, currency: 'EUR' };
  expect(messageOf(fieldValueField, currency)).toMatch(/\{"amount":"12\.50","currency":"EUR"\}/);
  expect(messageOf(fieldValueField.nullable(), currency)).toMatch(/"12\.50"/);
});
