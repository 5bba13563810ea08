import { checkValue } from '../../../platform/kernel/fields/field-value.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { ownerOf } from './compile-filter.js';
import type { DeclaredField } from './declared-fields.js';
import { type CustomFieldCondition, conditionsOf, type Filter } from './filter.js';

const MOST_CHARACTERS = 10_000;
const ORDERED: readonly string[] = ['number', 'currency', 'date'];
const CHOICES: readonly string[] = ['enum', 'multi_enum'];

/**
 * Holds a filter against what it would be kept for: an event in the open, for ever. Throws `unknown_field`,
 * `filter_names_person` for a value of a personal field, `field_value_invalid` for a condition that its kind does not have,
 * and `filter_too_complex` where it takes more than 10,000 characters.
 */
export function requireKeepable(filter: Filter, declared: readonly DeclaredField[]): void {
  for (const condition of conditionsOf(filter)) {
    if (condition.field === 'custom_field') requireFit(condition, declared);
  }
  if (JSON.stringify(filter).length <= MOST_CHARACTERS) return;
  throw new Problem('filter_too_complex', `The filter takes more than ${MOST_CHARACTERS} characters. Ask for less.`);
}

function requireFit(condition: CustomFieldCondition, declared: readonly DeclaredField[]): void {
  const { key, op } = condition;
  const object = ownerOf(condition);
  const field = declared.find((one) => one.object === object && one.key === key);
  if (field === undefined) {
    throw new Problem('unknown_field', `There is no custom field ${key} of a ${object}. Declare it first.`);
  }
  if (!('value' in condition)) return;
  if (field.personal) {
    throw new Problem(
      'filter_names_person',
      `The filter has a value of ${key}, which may name a person, and an endpoint's filter is kept for ever. Ask whether there is one, with any or none.`,
    );
  }
  const isOrdered = op === 'lt' || op === 'lte' || op === 'gt' || op === 'gte';
  if (field.kind === 'text') throw unfit(condition, 'is not for texts: use any or none');
  if (isOrdered && !ORDERED.includes(field.kind)) throw unfit(condition, 'is for numbers, dates and amounts');
  const values = op === 'in' || op === 'not_in' ? (condition.value as readonly unknown[]) : [condition.value];
  for (const value of values) requireValue(condition, field, value);
}

/** Which options there are may change, and is not asked; of a multi_enum one is named. */
function requireValue(condition: CustomFieldCondition, { kind, referenceTo }: DeclaredField, value: unknown): void {
  if (CHOICES.includes(kind)) {
    if (typeof value !== 'string') throw unfit(condition, 'takes one of its options');
    return;
  }
  const checked = checkValue({ kind, options: [], referenceTo }, value);
  if ('wrong' in checked) throw unfit(condition, `has a value that ${checked.wrong}`);
}

function unfit({ key, op }: CustomFieldCondition, sentence: string): Problem {
  return new Problem('field_value_invalid', `The condition ${op} on the field ${key} ${sentence}.`);
}
