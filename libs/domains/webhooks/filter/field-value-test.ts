import type { FieldValue, Money } from '../../../platform/kernel/fields/field-declaration.js';
import type { FactValue } from './facts.js';
import type { CustomFieldCondition } from './filter.js';

type Operator = Exclude<CustomFieldCondition['op'], 'any' | 'none'>;

/**
 * Whether the value of a custom field is meant, as lists have it: of a multi_enum one of its options is enough, and amounts
 * are compared within their currency. What cannot be compared is not meant. A negative operator is tested as its positive
 * one.
 */
export function valueTest(op: Operator, value: FieldValue | readonly FieldValue[]): (held: FactValue) => boolean {
  switch (op) {
    case 'is':
    case 'is_not':
      return (held) => isEqual(held, value as FieldValue);
    case 'in':
    case 'not_in':
      return (held) => (value as readonly FieldValue[]).some((one) => isEqual(held, one));
    case 'lt':
      return ordered(value as FieldValue, (order) => order < 0);
    case 'lte':
      return ordered(value as FieldValue, (order) => order <= 0);
    case 'gt':
      return ordered(value as FieldValue, (order) => order > 0);
    case 'gte':
      return ordered(value as FieldValue, (order) => order >= 0);
    default:
      return op satisfies never;
  }
}

function isEqual(held: FactValue, value: FieldValue): boolean {
  if (Array.isArray(held)) return typeof value === 'string' && held.includes(value);
  return held === value || (isMoney(held) && isMoney(value) && compare(held, value) === 0);
}

function ordered(value: FieldValue, holds: (order: number) => boolean): (held: FactValue) => boolean {
  return (held) => {
    const order = compare(held, value);
    return order !== null && holds(order);
  };
}

/** Null where the two have no order. Dates are texts whose order is that of the days. */
function compare(held: FactValue, value: FieldValue): number | null {
  if (typeof held === 'number' && typeof value === 'number') return held - value;
  if (typeof held === 'string' && typeof value === 'string') return held < value ? -1 : held > value ? 1 : 0;
  if (!isMoney(held) || !isMoney(value) || held.currency !== value.currency) return null;
  const [one, other] = [unitsOf(held.amount), unitsOf(value.amount)];
  if (one === null || other === null) return null;
  return one < other ? -1 : one > other ? 1 : 0;
}

function isMoney(value: FactValue): value is Money {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** In ten-thousandths, which are the smallest that ISO 4217 has: exact, where a double is not. */
function unitsOf(amount: string): bigint | null {
  const parts = /^(-?)(\d+)(?:\.(\d{1,4}))?$/.exec(amount);
  if (parts === null) return null;
  const [, sign, whole, fraction = ''] = parts;
  const units = BigInt(whole! + fraction.padEnd(4, '0'));
  return sign === '-' ? -units : units;
}
