import { specify } from '../../../platform/testing/decider-specification.js';
import type { PlaceholderRule } from './customer-rules.commands.js';
import { customerRulesDecider } from './customer-rules.decider.js';
import type { CustomerRulesEvent } from './customer-rules.events.js';
import { ruleFor } from './placeholder-rule.js';

const given = specify(customerRulesDecider);
const rule = (channel: string | null, more: Partial<PlaceholderRule> = {}): PlaceholderRule => ({
  channel,
  unknown: 'make',
  match_by: [],
  name: null,
  ...more,
});
const set = (one: PlaceholderRule): CustomerRulesEvent => ({
  type: 'customer_rules.placeholder_rule_set',
  data: { ...one, match_by: [...one.match_by] },
});
const removed = (channel: string | null): CustomerRulesEvent => ({
  type: 'customer_rules.placeholder_rule_removed',
  data: { channel },
});
const window = (hours: number): CustomerRulesEvent => ({ type: 'customer_rules.merge_window_set', data: { hours } });

it('are set as a whole, with an event for each change', () => {
  const [chat, rest] = [rule('chat', { match_by: ['email', 'phone'] }), rule(null, { unknown: 'refuse' })];
  const state = given()
    .when({ placeholders: [chat, rest], mergeUndoHours: 24 })
    .thenEvents(set(chat), set(rest), window(24));
  expect(state).toEqual({ placeholders: [chat, rest], mergeUndoHours: 24 });
  given(set(chat), set(rest), window(24))
    .when({ placeholders: [rest, chat], mergeUndoHours: 24 })
    .thenEvents();
  const renamed = { ...chat, name: 'Visitor' };
  given(set(chat), set(rest), window(24))
    .when({ placeholders: [renamed], mergeUndoHours: 72 })
    .thenEvents(removed(null), set(renamed), window(72));
});

it('begin as the usual ones', () => {
  given().when({ placeholders: [], mergeUndoHours: 72 }).thenEvents();
  given().when({ placeholders: [], mergeUndoHours: 0 }).thenEvents(window(0));
});

it('have one for a channel', () => {
  given()
    .when({ placeholders: [rule('chat'), rule('chat')], mergeUndoHours: 72 })
    .thenRefused('invalid_value');
  given()
    .when({ placeholders: [rule(null), rule(null)], mergeUndoHours: 72 })
    .thenRefused('invalid_value');
});

it('hold for a channel, for all others, or are as usual', () => {
  const rules = [rule(null, { unknown: 'refuse' }), rule('chat', { name: 'Visitor' })];
  expect(ruleFor('chat', rules)).toBe(rules[1]);
  expect(ruleFor('email', rules)).toBe(rules[0]);
  expect(ruleFor('email', [rules[1]!])).toEqual(rule(null));
});
