import type { z } from 'zod';
import { fieldMessage } from '../operations/field-messages.js';

type Path = readonly PropertyKey[];
type Report = (issue: z.core.$ZodRawIssue) => void;

const MOST_INNER = 100;
/** Of all conditions: the value of a custom field with several options. */
const MOST_VALUES = 200;
const MOST_KEYS = 20;
const CONNECTIVES = ['and', 'or', 'not'] as const;

/**
 * Reports what is wrong with a filter, each mistake at its own place: what is written there says which kind of filter
 * was meant. Follows the nesting, so that has to be bounded already.
 */
export function reportMistakes(filter: unknown, condition: z.ZodType, report: Report, path: Path = []): void {
  const wrong = (message: string, ...place: string[]) =>
    report({ code: 'custom', message, input: filter, path: [...path, ...place] });
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    wrong('is neither a condition (`field`, `op`, `value`) nor one of `and`, `or` and `not`');
    return;
  }
  const connective = CONNECTIVES.find((name) => Object.hasOwn(filter, name));
  if (connective === undefined) {
    reportCondition(filter, condition, report, path);
    return;
  }
  const beside = Object.keys(filter).find((name) => name !== connective);
  if (beside !== undefined) wrong(`does not go beside \`${connective}\`: put them into one \`and\` or \`or\``, beside);
  const inner = (filter as Record<string, unknown>)[connective];
  if (connective === 'not') {
    reportMistakes(inner, condition, report, [...path, connective]);
  } else if (!Array.isArray(inner) || inner.length === 0 || inner.length > MOST_INNER) {
    wrong(`is not a list of 1 to ${MOST_INNER} filters`, connective);
  } else {
    for (const [at, one] of inner.entries()) reportMistakes(one, condition, report, [...path, connective, at]);
  }
}

function reportCondition(filter: object, condition: z.ZodType, report: Report, path: Path): void {
  const { value } = filter as { value?: unknown };
  // Told before each of the values is looked at: there may be hundreds of thousands.
  if (Array.isArray(value) && value.length > MOST_VALUES) {
    const message = `is a list of more than ${MOST_VALUES} values`;
    report({ code: 'custom', message, input: value, path: [...path, 'value'] });
    return;
  }
  const { error } = condition.safeParse(filter, { error: fieldMessage });
  for (const issue of error?.issues ?? []) {
    const keys = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, MOST_KEYS) : [];
    for (const key of keys) {
      report({ code: 'custom', message: 'is not a field that is known here', input: filter, path: [...path, key] });
    }
    if (keys.length === 0) {
      report({ code: 'custom', message: issue.message, input: filter, path: [...path, ...issue.path] });
    }
  }
}
