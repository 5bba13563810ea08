import { Problem } from '../../../platform/kernel/problem.js';

/** What is wrong with one place of a request. */
export function invalid(pointer: string, message: string): Problem {
  return new Problem('invalid_value', `${pointer} ${message}.`, { errors: [{ pointer, message }] });
}
