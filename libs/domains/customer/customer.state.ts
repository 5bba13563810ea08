import type { HeldFields } from '../../platform/kernel/fields/held-fields.js';
import type { IdentityName } from './identities/identity.js';

export interface KnownIdentity extends IdentityName {
  id: string;
  verified: boolean;
  primary: boolean;
}

/** All of it is the customer's, and sealed where it is kept. */
export interface CustomerState {
  name: string;
  /** Known by an identity alone: there is no external id yet. */
  isPlaceholder: boolean;
  language: string | null;
  timeZone: string | null;
  /** The oldest first. */
  identities: readonly KnownIdentity[];
  companies: readonly string[];
  tenants: readonly string[];
  merged: { into: string; undoUntil: number } | null;
  /** Which custom fields have a value; the values are kept beside the read models. */
  fields: HeldFields;
}

const UNTOUCHED = {
  isPlaceholder: false,
  language: null,
  timeZone: null,
  identities: [],
  companies: [],
  tenants: [],
  merged: null,
  fields: {},
} as const;

export function stateAtFirst(name: string, isPlaceholder: boolean): CustomerState {
  return { ...UNTOUCHED, name, isPlaceholder };
}

/** A state that was kept before there were events for all of this lacks some, and nothing has touched that. */
export function whole(kept: CustomerState | null): CustomerState | null {
  return kept === null || kept.fields !== undefined ? kept : { ...UNTOUCHED, ...(kept as CustomerState) };
}
