import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on the stream of a workspace's rules for customers. */
export type CustomerRulesEvent =
  | Of<'customer_rules.placeholder_rule_set'>
  | Of<'customer_rules.placeholder_rule_removed'>
  | Of<'customer_rules.merge_window_set'>;
