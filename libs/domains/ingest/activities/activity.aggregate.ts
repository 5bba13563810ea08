import type { Aggregate } from '../../../platform/commands/command.js';
import type { RecordActivity } from './activity.commands.js';
import { type ActivityState, activityDecider } from './activity.decider.js';
import type { ActivityEvent } from './activity.events.js';

/**
 * What happened to one customer, tenant or conversation elsewhere. Sealed with the customer's key; a tenant's activities,
 * which may name people, have a key of their own.
 */
export const activityAggregate: Aggregate<RecordActivity, ActivityState, ActivityEvent> = {
  type: 'activity',
  prefix: 'act',
  decider: activityDecider,
  subjectOf: ({ customer }, stream) => customer ?? stream,
  claimsOf: ({ data }) =>
    data.unknown_customer === null ? [] : [customerClaim(data.unknown_customer, data.subject_id)],
};

/** The name by which a customer is known, as the customer domain claims it; with the customer whose it is to be. */
export function customerClaim(externalId: string, customer: string) {
  return { kind: 'customer', value: externalId, stream: customer };
}
