import type { IdentityKind } from '../identities/identity.js';

/** What becomes of somebody who is named by an identity on a channel. */
export interface PlaceholderRule {
  /** Null for every channel without a rule of its own. */
  channel: string | null;
  /** What becomes of who is not known: a placeholder, or nothing. */
  unknown: 'make' | 'refuse';
  /** The kinds that the identity's value is looked up as, in this order; empty: as the one that it came as. */
  match_by: readonly IdentityKind[];
  /** What a placeholder is called; null: as the channel calls them, or as their identity reads. */
  name: string | null;
}

/** All of the rules as they are to be: a channel that is not named has none of its own from then on. */
export interface SetCustomerRules {
  placeholders: readonly PlaceholderRule[];
  mergeUndoHours: number;
}
