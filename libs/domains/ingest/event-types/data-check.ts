import type { FieldError } from '../../../platform/kernel/problem.js';
import type { Allowance } from './work-budget.js';

/** What is wrong with data, by JSON Pointers into it, 20 places at most; null for nothing. What it costs is taken from the allowance. */
export type DataCheck = (data: unknown, allowance?: Allowance) => FieldError[] | null;
