import { readFileSync } from 'node:fs';
import { SettingsError } from './setting.js';

/** The text of the PEM file that a variable names. Throws SettingsError where it cannot be read, or holds no PEM. */
export function pemFile(variable: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError(`${variable}: ${path} cannot be read (${code}): correct the path, or its rights.`);
  }
  // RFC 7468.
  if (/^-----BEGIN [A-Z0-9 ]+-----$/m.test(text)) return text;
  throw new SettingsError(`${variable}: ${path} holds no PEM (-----BEGIN …): name a file that does.`);
}
