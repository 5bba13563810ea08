import { z } from 'zod';
import { fieldErrors } from './field-errors.js';
import { fieldMessage } from './field-messages.js';

const errorsOf = (schema: z.ZodType, value: unknown) =>
  fieldErrors('/body', schema.safeParse(value, { error: fieldMessage }).error?.issues ?? []);

it('says of each place what is wrong there', () => {
  const schema = z.strictObject({ a: z.string(), 'b/c': z.array(z.int()) });
  expect(errorsOf(schema, { a: 1, 'b/c': [1, 'x'], d: 1 })).toEqual([
    { pointer: '/body/a', message: 'is not a text' },
    { pointer: '/body/b~1c/1', message: 'is not a number' },
    { pointer: '/body/d', message: 'is not a field that is known here' },
  ]);
});

it('says of a name that is none what a name is', () => {
  const names = z.record(z.string().regex(/^[a-z]+$/, 'is not a word'), z.string());
  expect(errorsOf(names, { 'A b': 'x' })).toEqual([{ pointer: '/body/A b', message: 'is not a word' }]);
});

it('says of several forms what is wrong with the one that is meant', () => {
  const forms = z.union([z.strictObject({ a: z.int() }), z.strictObject({ b: z.int() })]);
  expect(errorsOf(forms, { b: 'x' })).toEqual([{ pointer: '/body/b', message: 'is not a number' }]);
});
