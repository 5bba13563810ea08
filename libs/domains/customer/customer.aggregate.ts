import type { Aggregate } from '../../platform/commands/command.js';
import { type CustomerEvent, type CustomerState, customerDecider, type UpsertCustomer } from './customer.decider.js';

/** Everything said of a customer is sealed with their own key, the state of the stream too. */
export const customerAggregate: Aggregate<UpsertCustomer, CustomerState, CustomerEvent> = {
  type: 'customer',
  prefix: 'cus',
  decider: customerDecider,
  subjectOf: (_state, stream) => stream,
  personalState: true,
};
