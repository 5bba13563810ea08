import { readFileSync } from 'node:fs';
import { UsageError } from '../../libs/platform/operations/command-line.js';

function read(given: string): string {
  if (given !== '-' && !given.startsWith('@')) return given;
  const file = given === '-' ? 0 : given.slice(1);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `--body: ${file || 'standard input'} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}

/** What `--body` stands for: JSON itself, `@file`, or `-` for standard input. Throws UsageError. */
export function wholeBody(given: string): unknown {
  const text = read(given);
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(
      '--body takes JSON, @file with JSON, or - for JSON on standard input; what was given is none.',
    );
  }
}
