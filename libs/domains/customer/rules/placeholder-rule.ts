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

/** Where a workspace has said nothing. */
export const USUAL_RULE: PlaceholderRule = { channel: null, unknown: 'make', match_by: [], name: null };

/** The rule of a channel: its own, else the workspace's for all others, else the usual one. */
export function ruleFor(channel: string, rules: readonly PlaceholderRule[]): PlaceholderRule {
  return rules.find((rule) => rule.channel === channel) ?? rules.find((rule) => rule.channel === null) ?? USUAL_RULE;
}
