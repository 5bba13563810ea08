import type { Aggregate } from '../../platform/commands/command.js';
import {
  type ChangeCustomerFields,
  type CustomerState,
  customerDecider,
  type UpsertCustomer,
} from './customer.decider.js';
import type { CustomerEvent } from './customer.events.js';

/** Everything said of a customer is sealed with their own key, the state of the stream too. */
export const customerAggregate: Aggregate<UpsertCustomer | ChangeCustomerFields, CustomerState, CustomerEvent> = {
  type: 'customer',
  prefix: 'cus',
  decider: customerDecider,
  subjectOf: (_state, stream) => stream,
  personalState: true,
  claimsOf: (event) => (event.type === 'customer.created' ? [{ kind: 'customer', value: event.data.external_id }] : []),
};
