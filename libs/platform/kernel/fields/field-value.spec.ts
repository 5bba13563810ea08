import fc from 'fast-check';
import type { FieldKind, ValueRules } from './field-declaration.js';
import { checkValue, jsonOf } from './field-value.js';
import { decimalsOf } from './iso-4217.js';

const options = ['wool', 'linen', 'silk'].map((value) => ({ value, name: value }));
const rules = (kind: FieldKind): ValueRules => ({
  kind,
  options: kind === 'enum' || kind === 'multi_enum' ? options : [],
  referenceTo: kind === 'reference' ? 'user' : null,
});
const USER = 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e03';
const EUR = (amount: string) => ({ amount, currency: 'EUR' });

it.each<[FieldKind, unknown, unknown]>([
  ['string', 'weld', 'weld'],
  ['string', '🧵'.repeat(255), '🧵'.repeat(255)],
  ['text', 'a\nb\tc', 'a\nb\tc'],
  ['text', 'x'.repeat(10_000), 'x'.repeat(10_000)],
  ['number', 0.1, 0.1],
  ['number', -1e15, -1e15],
  ['number', -0, 0],
  ['currency', EUR('12.5'), EUR('12.50')],
  ['currency', EUR('-0'), EUR('0.00')],
  ['currency', EUR('999999999999999.99'), EUR('999999999999999.99')],
  ['currency', { currency: 'JPY', amount: '-1200' }, { amount: '-1200', currency: 'JPY' }],
  ['currency', { amount: '1.5', currency: 'KWD' }, { amount: '1.500', currency: 'KWD' }],
  ['boolean', false, false],
  ['date', '0001-01-01', '0001-01-01'],
  ['date', '2000-02-29', '2000-02-29'],
  ['date', '9999-12-31', '9999-12-31'],
  ['enum', 'linen', 'linen'],
  ['multi_enum', ['silk', 'linen', 'silk'], ['linen', 'silk']],
  ['reference', USER, USER],
])('a %s takes %j, as %j', (kind, value, form) => {
  expect(checkValue(rules(kind), value)).toEqual({ value: form });
  expect(Object.is((checkValue(rules('number'), -0) as { value: number }).value, 0)).toBe(true);
});

it.each<[FieldKind, unknown, RegExp]>([
  ['string', '', /1 to 255 characters/],
  ['string', 'x'.repeat(256), /1 to 255 characters/],
  ['string', 'a\u2028b', /one line/],
  ['string', 'a\u0000', /NUL/],
  ['string', 'a\ud83e', /half a surrogate pair/],
  ['string', 7, /not a text/],
  ['text', 'x'.repeat(10_001), /1 to 10000 characters/],
  ['text', 'a\u0000b', /NUL/],
  ['number', '7', /not a number/],
  ['number', Number.NaN, /not a number/],
  ['number', Number.POSITIVE_INFINITY, /not a number/],
  ['number', 1.1e15, /not a number/],
  ['currency', 12.5, /not an amount and a currency/],
  ['currency', null, /not an amount and a currency/],
  ['currency', { amount: 12.5, currency: 'EUR' }, /not an amount and a currency/],
  ['currency', { amount: '1', currency: 'eur' }, /ISO 4217/],
  ['currency', { amount: '1.5', currency: 'JPY' }, /more decimals than JPY/],
  ['currency', EUR('1.005'), /more decimals than EUR has, which are 2/],
  ['currency', EUR('1.'), /plain decimal text/],
  ['currency', EUR('.5'), /plain decimal text/],
  ['currency', EUR('01'), /plain decimal text/],
  ['currency', EUR('1,5'), /plain decimal text/],
  ['currency', EUR('1e3'), /plain decimal text/],
  ['currency', EUR('1234567890123456'), /plain decimal text/],
  ['boolean', 'true', /true or false/],
  ['boolean', 1, /true or false/],
  ['date', '2023-02-29', /day of the calendar/],
  ['date', '1900-02-29', /day of the calendar/],
  ['date', '0000-01-01', /day of the calendar/],
  ['date', '2024-13-01', /day of the calendar/],
  ['date', '2024-00-10', /day of the calendar/],
  ['date', '2024-1-1', /not a date/],
  ['date', '2024-01-01T00:00:00Z', /not a date/],
  ['date', 20_240_101, /not a date/],
  ['enum', 'hemp', /none of its options \(wool, linen, silk\)/],
  ['enum', ['wool'], /none of its options/],
  ['multi_enum', 'wool', /not a list/],
  ['multi_enum', [], /not a list/],
  ['multi_enum', ['wool', 'hemp'], /at 1 none of its options/],
  ['reference', 'usr_7', /not a usr_… id/],
  ['reference', USER.replace('usr', 'cus'), /not a usr_… id/],
])('a %s does not take %j', (kind, value, sentence) => {
  expect(checkValue(rules(kind), value)).toEqual({ wrong: expect.stringMatching(sentence) });
});

it('has one form, which is its own', () => {
  const money = fc.record({
    amount: fc
      .tuple(fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n }), fc.constantFrom('', '.5', '.07', '.10'))
      .map(([whole, fraction]) => `${whole}${fraction}`),
    currency: fc.constantFrom('EUR', 'USD', 'CHF'),
  });
  const several = fc.array(fc.constantFrom('wool', 'linen', 'silk'), { minLength: 1 });
  for (const [kind, values] of [
    ['currency', money],
    ['multi_enum', several],
    ['number', fc.double({ min: -1e15, max: 1e15, noNaN: true })],
  ] as const) {
    fc.assert(
      fc.property(values as fc.Arbitrary<unknown>, (value) => {
        const once = checkValue(rules(kind), value) as { value: never };
        expect(jsonOf((checkValue(rules(kind), once.value) as { value: never }).value)).toBe(jsonOf(once.value));
        expect(checkValue(rules(kind), JSON.parse(jsonOf(once.value)))).toEqual(once);
      }),
    );
  }
});

it('knows currencies by their minor units', () => {
  expect(['EUR', 'JPY', 'KWD', 'XXX', 'DEM', ''].map(decimalsOf)).toEqual([2, 0, 3, undefined, undefined, undefined]);
});
