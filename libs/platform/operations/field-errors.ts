import type { z } from 'zod';
import type { FieldError } from '../kernel/problem.js';

type Issue = z.core.$ZodIssue;

/** Every place of a value that does not fit its schema. `at` is the pointer to the value itself, such as `/body`. */
export function fieldErrors(at: string, issues: readonly Issue[]): FieldError[] {
  return issues.flatMap((issue) => {
    const place = [at, ...issue.path.map((part) => escapePointer(String(part)))].join('/');
    if (issue.code === 'unrecognized_keys') {
      const message = 'is not a field that is known here';
      return issue.keys.slice(0, 20).map((key) => ({ pointer: `${place}/${escapePointer(key)}`, message }));
    }
    if (issue.code === 'invalid_key' && issue.issues.length > 0) {
      return [{ pointer: place, message: lowerFirst(issue.issues[0]!.message) }];
    }
    const meant = issue.code === 'invalid_union' ? meantOf(issue.errors) : null;
    return meant === null ? [{ pointer: place, message: lowerFirst(issue.message) }] : fieldErrors(place, meant);
  });
}

/** Of several forms the one that has the fields which were sent; null where that is none, or not only one. */
function meantOf(forms: readonly (readonly Issue[])[]): readonly Issue[] | null {
  const close = forms.filter((issues) =>
    issues.every(({ code, path }) => code !== 'unrecognized_keys' && path.length > 0),
  );
  return close.length === 1 ? close[0]! : null;
}

function escapePointer(part: string): string {
  return part.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
