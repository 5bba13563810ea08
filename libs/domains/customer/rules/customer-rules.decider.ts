import { type Decider, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { PlaceholderRule, SetCustomerRules } from './customer-rules.commands.js';
import type { CustomerRulesEvent } from './customer-rules.events.js';

/** For how long a merge can be undone where a workspace has said nothing. */
export const USUAL_MERGE_UNDO_HOURS = 72;

export interface CustomerRulesState {
  placeholders: readonly PlaceholderRule[];
  mergeUndoHours: number;
}

const AS_USUAL: CustomerRulesState = { placeholders: [], mergeUndoHours: USUAL_MERGE_UNDO_HOURS };

export const customerRulesDecider: Decider<SetCustomerRules, CustomerRulesState, CustomerRulesEvent> = {
  decide,
  evolve,
};

function decide(command: SetCustomerRules, kept: CustomerRulesState | null): CustomerRulesEvent[] | Refusal {
  const { placeholders, mergeUndoHours } = command;
  const channels = placeholders.map(({ channel }) => channel);
  const twice = channels.find((channel, i) => channels.indexOf(channel) !== i);
  if (twice !== undefined) {
    return refuse('invalid_value', `There are two rules for ${twice ?? 'all other channels'}. Leave one of them out.`);
  }
  const state = kept ?? AS_USUAL;
  const events: CustomerRulesEvent[] = [];
  for (const { channel } of state.placeholders) {
    if (!channels.includes(channel)) {
      events.push({ type: 'customer_rules.placeholder_rule_removed', data: { channel } });
    }
  }
  for (const rule of placeholders) {
    const before = state.placeholders.find(({ channel }) => channel === rule.channel);
    if (before === undefined || !isSame(before, rule)) {
      const { channel, unknown, match_by, name } = rule;
      const data = { channel, unknown, match_by: [...match_by], name };
      events.push({ type: 'customer_rules.placeholder_rule_set', data });
    }
  }
  if (mergeUndoHours !== state.mergeUndoHours) {
    events.push({ type: 'customer_rules.merge_window_set', data: { hours: mergeUndoHours } });
  }
  return events;
}

function isSame(a: PlaceholderRule, b: PlaceholderRule): boolean {
  return a.unknown === b.unknown && a.name === b.name && a.match_by.join() === b.match_by.join();
}

function evolve(kept: CustomerRulesState | null, event: CustomerRulesEvent): CustomerRulesState {
  const state = kept ?? AS_USUAL;
  switch (event.type) {
    case 'customer_rules.placeholder_rule_set':
      return { ...state, placeholders: [...without(event.data.channel, state), event.data as PlaceholderRule] };
    case 'customer_rules.placeholder_rule_removed':
      return { ...state, placeholders: without(event.data.channel, state) };
    case 'customer_rules.merge_window_set':
      return { ...state, mergeUndoHours: event.data.hours };
    default:
      return event satisfies never;
  }
}

function without(channel: string | null, { placeholders }: CustomerRulesState): PlaceholderRule[] {
  return placeholders.filter((rule) => rule.channel !== channel);
}
