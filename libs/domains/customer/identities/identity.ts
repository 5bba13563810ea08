import type { Claim } from '../../../platform/commands/command.js';

export const IDENTITY_KINDS = ['email', 'phone', 'handle'] as const;
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

/** What a customer is known by. A handle is one of a channel; an e-mail address and a phone number are so everywhere. */
export interface IdentityName {
  kind: IdentityKind;
  channel: string | null;
  value: string;
}

const CUSTOMARY_IN_NUMBERS = /[\s().\-/]/g;
/** E.164: a country's code, which never begins with 0, and 15 digits at most. */
const E164 = /^\+[1-9][0-9]{6,14}$/;
const ADDRESS = /^[^\s@]+@[^\s@]+$/;

/**
 * As it is compared and kept: an e-mail address in lower case, a phone number in E.164 (`+` and digits; `00` and the bare
 * digits of a country's code are taken for the `+`), a handle without spaces around it. Null for what is none.
 */
export function normalized(kind: IdentityKind, channel: string | null, given: string): IdentityName | null {
  const text = given.trim().normalize('NFC');
  switch (kind) {
    case 'email': {
      const value = text.toLowerCase();
      return ADDRESS.test(value) ? { kind, channel: null, value } : null;
    }
    case 'phone': {
      const digits = text.replace(CUSTOMARY_IN_NUMBERS, '').replace(/^(\+|00)?/, '+');
      return E164.test(digits) ? { kind, channel: null, value: digits } : null;
    }
    case 'handle':
      return text === '' ? null : { kind, channel, value: text };
    default:
      return kind satisfies never;
  }
}

/** Nobody else in the workspace has the same until it is given up. */
export function identityClaim({
  kind,
  channel,
  value,
}: Pick<IdentityName, 'channel' | 'value'> & { kind: string }): Claim {
  return { kind: 'customer_identity', scope: channel === null ? kind : `${kind} ${channel}`, value };
}
