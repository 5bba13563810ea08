import type { z } from 'zod';
import { StartupError } from './startup-error.js';

/** A setting that cannot be used: one line with the variable, its value (unless it is secret) and the fix. */
export class SettingsError extends StartupError {
  override name = 'SettingsError';
}

/** A variable of the environment. */
export interface Setting {
  name: string;
  /** As the documentation shows it. */
  default: string;
  meaning: string;
  /** Ends the sentence "<NAME> is <value>: ". */
  fix: string;
  /** How a refused value is shown; as it is, in quotes, where this is missing. */
  shown?: (value: string) => string;
  schema: z.ZodType;
}

/** What stands before the last @ may hold a password, also where the rest is no URL. */
export function withoutPassword(value: string): string {
  return JSON.stringify(value.replace(/^([a-z]*:\/\/)?.*@/is, '$1***@'));
}
