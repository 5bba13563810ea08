import type { PlaceholderRule } from './customer-rules.commands.js';

/** Where a workspace has said nothing. */
const USUAL_RULE: PlaceholderRule = { channel: null, unknown: 'make', match_by: [], name: null };

/** The rule of a channel: its own, else the workspace's for all others, else the usual one. */
export function ruleFor(channel: string, rules: readonly PlaceholderRule[]): PlaceholderRule {
  return rules.find((rule) => rule.channel === channel) ?? rules.find((rule) => rule.channel === null) ?? USUAL_RULE;
}
