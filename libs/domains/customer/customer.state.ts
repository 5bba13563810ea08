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
}

const UNTOUCHED = {
  isPlaceholder: false,
  language: null,
  timeZone: null,
  identities: [],
  companies: [],
  tenants: [],
  merged: null,
} as const;

export function stateAtFirst(name: string, isPlaceholder: boolean): CustomerState {
  return { ...UNTOUCHED, name, isPlaceholder };
}

/** A state that was kept when a customer had a name only lacks the rest, and nothing has touched that. */
export function whole(kept: CustomerState | null): CustomerState | null {
  return kept === null || kept.identities !== undefined ? kept : { ...UNTOUCHED, ...(kept as CustomerState) };
}
