import { z } from 'zod';
import type { FilterOf } from './filter.js';
import { boundedFilter } from './filter-bounds.js';
import { reportMistakes } from './filter-mistakes.js';

/** A union of which `key` chooses one; a mistake in it names what it can be. */
export function chosenBy<
  const Options extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]],
>(key: 'field' | 'op', options: Options) {
  const known = [...new Set(options.flatMap((option) => [...(option._zod.propValues?.[key] ?? [])]))].join(', ');
  const error = ({ input }: { input?: unknown }) =>
    `${(input as Record<string, unknown> | undefined)?.[key] === undefined ? 'is missing: it is' : 'is not'} one of ${known}`;
  return z.discriminatedUnion(key, options, { error });
}

export const one = <Field extends string, Value extends z.ZodType>(field: Field, value: Value) =>
  z.strictObject({ field: z.literal(field), op: z.enum(['is', 'is_not']), value });

const many = <Field extends string, Value extends z.ZodType>(field: Field, value: Value) =>
  z.strictObject({ field: z.literal(field), op: z.enum(['in', 'not_in']), value: z.array(value).min(1).max(100) });

export const existence = <Field extends string>(field: Field) =>
  z.strictObject({ field: z.literal(field), op: z.enum(['none', 'any']) });

export const chosen = <Field extends string, Value extends z.ZodType>(field: Field, value: Value) =>
  chosenBy('op', [one(field, value), many(field, value)]);

export const chosenOrNone = <Field extends string, Value extends z.ZodType>(field: Field, value: Value) =>
  chosenBy('op', [one(field, value), many(field, value), existence(field)]);

/**
 * The schemas of filters of one kind of condition: `shown` is what an answer has; `asked`, of a request, bounds it first
 * and says of every mistake where it is, for a union's own message would be at the outermost filter.
 */
export function filterSchemas<Condition>(
  condition: z.ZodType,
  meta: { id: string; description: string },
): { shown: z.ZodType<FilterOf<Condition>>; asked: z.ZodType<FilterOf<Condition>, unknown> } {
  const filters = () => z.array(shown).min(1).max(100);
  const shown: z.ZodType<FilterOf<Condition>> = z
    .union(
      [
        condition,
        z.strictObject({
          get and() {
            return filters();
          },
        }),
        z.strictObject({
          get or() {
            return filters();
          },
        }),
        z.strictObject({
          get not() {
            return shown;
          },
        }),
      ],
      { error: 'is neither a condition (`field`, `op`, `value`) nor one of `and`, `or` and `not`' },
    )
    .meta(meta) as z.ZodType<FilterOf<Condition>>;
  const asked = z.preprocess((value, { addIssue }) => {
    reportMistakes(boundedFilter(value), condition, addIssue);
    return value;
  }, shown) as z.ZodType<FilterOf<Condition>, unknown>;
  return { shown, asked };
}
