import { Problem } from '../kernel/problem.js';
import { DEEPEST_FILTER, MOST_CONDITIONS } from './filter.js';

/**
 * Throws `filter_too_complex` for what nests deeper, or holds more conditions, than a filter may. Looks at it as it came, before
 * anything follows its nesting: a body of 1 MiB can be 100,000 deep. What is no filter at all is left to the schema.
 */
export function boundedFilter(value: unknown): unknown {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 1 }];
  let conditions = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { depth } = next;
    if (depth > DEEPEST_FILTER) throw tooComplex(`nests deeper than ${DEEPEST_FILTER} levels`);
    const inner = innerOf(next.value);
    if (inner.length === 0 && ++conditions > MOST_CONDITIONS) {
      throw tooComplex(`has more than ${MOST_CONDITIONS} conditions`);
    }
    for (const one of inner) open.push({ value: one, depth: depth + 1 });
  }
  return value;
}

function innerOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const { and, or, not } = value as Record<string, unknown>;
  return [and, or, not].flatMap((part) => (part === undefined ? [] : Array.isArray(part) ? part : [part]));
}

function tooComplex(how: string): Problem {
  return new Problem('filter_too_complex', `The filter ${how}. Ask for less at once.`);
}
