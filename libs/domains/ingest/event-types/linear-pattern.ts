import { RE2JS } from 're2js';
import type { WorkBudget } from './work-budget.js';

const MOST_CHARACTERS = 500;
const MOST_PROGRAM = 2000;

/** A regular expression whose time grows with the text, and never faster: `(a+)+$` of a stranger stops nobody. */
export interface LinearPattern {
  /** Whether it is found anywhere in the text; what that costs is taken from the budget, where there is one. */
  test(text: string, budget?: WorkBudget): boolean;
}

/** Why a pattern is not taken. */
export class PatternError extends Error {
  override name = 'PatternError';
}

/** Back references and look-arounds cannot be had in linear time. Throws PatternError. */
export function linearPattern(pattern: string): LinearPattern {
  if (pattern.length > MOST_CHARACTERS) {
    throw new PatternError(`is longer than ${MOST_CHARACTERS} characters`);
  }
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch {
    throw new PatternError('is no regular expression without back references and look-arounds');
  }
  const size = compiled.programSize();
  if (size > MOST_PROGRAM) throw new PatternError('is too large a regular expression: repeat less');
  return {
    test(text, budget) {
      // Each character may move every state of the program; most move a few.
      budget?.spend(4 + Math.ceil((text.length * Math.max(8, size)) / 16));
      return compiled.test(text);
    },
  };
}
