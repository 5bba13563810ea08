import type { Aggregate, Claim } from '../../platform/commands/command.js';
import type { CustomerCommand } from './customer.commands.js';
import { customerDecider } from './customer.decider.js';
import type { CustomerEvent } from './customer.events.js';
import type { CustomerState } from './customer.state.js';
import { identityClaim } from './identities/identity.js';

/** Everything said of a customer is sealed with their own key, the state of the stream too. */
export const customerAggregate: Aggregate<CustomerCommand, CustomerState, CustomerEvent> = {
  type: 'customer',
  prefix: 'cus',
  decider: customerDecider,
  subjectOf: (_state, stream) => stream,
  personalState: true,
  claimsOf,
  releasesOf: (event) => (event.type === 'customer.identity_removed' ? [identityClaim(event.data)] : []),
};

function claimsOf(event: CustomerEvent): Claim[] {
  switch (event.type) {
    case 'customer.created':
    case 'customer.identified':
      return [externalIdClaim(event.data.external_id)];
    case 'customer.placeholder_created':
      return event.data.external_id === null ? [] : [externalIdClaim(event.data.external_id)];
    case 'customer.identity_added':
      return [identityClaim(event.data)];
    default:
      return [];
  }
}

export function externalIdClaim(value: string): Claim {
  return { kind: 'customer', value };
}
