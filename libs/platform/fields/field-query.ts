import type { FieldDeclaration, FieldObject, FieldValue } from '../kernel/fields/field-declaration.js';
import { Problem } from '../kernel/problem.js';
import { textField } from '../operations/fields.js';

/** A filter of a list: a key and a value with a colon between them. */
export const fieldQuery = textField(3, 364)
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}:[\s\S]+$/, 'is not a key and a value, such as yarn:wool')
  .optional()
  .describe(
    'Of those with a value in a custom field: its key and the value, such as `yarn:wool` or `deposit:12.50 EUR`; of a `text` some words that are in it.',
  );

/** Problems of lists that are filtered so. */
export const FIELD_QUERY_PROBLEMS = ['unknown_field', 'field_value_invalid'] as const;

/** The field that a filter names, and the value, of the field's kind as far as text can say it. Throws `unknown_field`. */
export function queriedField(
  declared: readonly FieldDeclaration[],
  object: FieldObject,
  filter: string,
): { field: FieldDeclaration; value: FieldValue } {
  const colon = filter.indexOf(':');
  const key = filter.slice(0, colon);
  const field = declared.find((one) => one.key === key);
  if (field === undefined) throw new Problem('unknown_field', `There is no custom field ${key} of a ${object}.`);
  return { field, value: valueIn(field, filter.slice(colon + 1)) };
}

function valueIn({ kind }: FieldDeclaration, text: string): FieldValue {
  switch (kind) {
    case 'number':
      return Number(text);
    case 'boolean':
      return text === 'true' || (text === 'false' ? false : text);
    case 'currency': {
      const [amount = '', currency = ''] = text.split(' ');
      return { amount, currency };
    }
    default:
      return text;
  }
}
