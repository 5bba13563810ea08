import type { Aggregate, Claim } from '../../../platform/commands/command.js';
import type { SetCustomerRules } from './customer-rules.commands.js';
import { type CustomerRulesState, customerRulesDecider } from './customer-rules.decider.js';
import type { CustomerRulesEvent } from './customer-rules.events.js';

/** One stream a workspace: whichever event begins it takes the only name that there is. */
export const ONLY_RULES: Claim = { kind: 'customer_rules', value: '' };

/** What a workspace says of channels and windows: nothing of it is personal. */
export const customerRulesAggregate: Aggregate<SetCustomerRules, CustomerRulesState, CustomerRulesEvent> = {
  type: 'customer_rules',
  prefix: 'crl',
  decider: customerRulesDecider,
  subjectOf: () => null,
  claimsOf: () => [ONLY_RULES],
};
