import type { z } from 'zod';

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

/** What a request that does not fit its schema is told, where the schema has no words of its own; an option of zod's parse. */
export const fieldMessage: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && MISSED.has(issue.code)) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `is not ${KINDS[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `is not ${JSON.stringify(issue.values[0])}`
        : `is not one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_big':
      return BEYOND[issue.origin]?.(String(issue.maximum));
    case 'too_small':
      return BELOW[issue.origin]?.(String(issue.minimum));
    default:
      return undefined;
  }
};

type Bound = Readonly<Record<string, (bound: string) => string>>;

const BEYOND: Bound = {
  number: (most) => `is more than ${most}`,
  int: (most) => `is more than ${most}`,
  string: (most) => `is longer than ${most} characters`,
  array: (most) => `has more than ${most} items`,
};
const BELOW: Bound = {
  number: (least) => `is less than ${least}`,
  int: (least) => `is less than ${least}`,
  string: (least) => (least === '1' ? 'is empty' : `is shorter than ${least} characters`),
  array: (least) => (least === '1' ? 'is empty' : `has fewer than ${least} items`),
};

const MISSED: ReadonlySet<string | undefined> = new Set(['invalid_type', 'invalid_value', 'invalid_union']);
