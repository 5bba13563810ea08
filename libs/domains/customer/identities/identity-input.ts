import { Problem } from '../../../platform/kernel/problem.js';
import { type IdentityKind, type IdentityName, normalized } from './identity.js';

/** An identity of a request's body, as it is kept. Throws `invalid_value`. */
export function identityNamed(given: {
  kind: IdentityKind;
  channel?: string | null | undefined;
  value: string;
}): IdentityName {
  const name = normalized(given.kind, given.channel ?? null, given.value);
  if (name === null) throw new Problem('invalid_value', WRONG[given.kind]);
  return name;
}

const WRONG: Record<IdentityKind, string> = {
  email: 'An identity of kind email is no e-mail address.',
  phone: 'An identity of kind phone is no number in international form, such as +44 20 7946 0000.',
  handle: 'An identity of kind handle is empty.',
};

/** Throws `invalid_value` for what the time zone database does not have. */
export function requireTimeZone(name: string | null | undefined): void {
  if (name == null) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch {
    throw new Problem('invalid_value', 'The time_zone is not a name of the IANA database, such as Europe/Lisbon.');
  }
}
