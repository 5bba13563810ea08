import { Problem } from '../../../platform/kernel/problem.js';
import { type DeclaredFields, declarationOf } from '../search/field-conditions.js';
import type { Filter } from '../search/filter.js';

/** Fields whose values may identify a person. */
const PERSONAL: ReadonlySet<string> = new Set(['title', 'external_id']);

const MOST_CHARACTERS = 10_000;

/**
 * A filter as a view keeps it, JSON in an event, which is in the open and for ever. Throws `filter_names_person` where a value
 * may identify somebody, `unknown_field`, and `filter_too_complex` where it takes more than 10,000 characters.
 */
export function keptFilter(filter: Filter | null, declared: DeclaredFields): string | null {
  if (filter === null) return null;
  const field = personalField(filter, declared);
  if (field !== null) {
    throw new Problem(
      'filter_names_person',
      `The filter has a value of ${field}, which may name a person, and a view is kept for ever. Leave it out, or search with it.`,
    );
  }
  const text = JSON.stringify(filter);
  if (text.length > MOST_CHARACTERS) {
    throw new Problem('filter_too_complex', `The filter takes more than ${MOST_CHARACTERS} characters. Ask for less.`);
  }
  return text;
}

function personalField(filter: Filter, declared: DeclaredFields): string | null {
  if ('and' in filter || 'or' in filter) {
    const parts = 'and' in filter ? filter.and : filter.or;
    return parts.map((part) => personalField(part, declared)).find((field) => field !== null) ?? null;
  }
  if ('not' in filter) return personalField(filter.not, declared);
  if (!('value' in filter)) return null;
  if (filter.field !== 'custom_field') return PERSONAL.has(filter.field) ? filter.field : null;
  return declarationOf(filter, declared).personal ? filter.key : null;
}
