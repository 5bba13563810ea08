import type { Aggregate } from '../../../platform/commands/command.js';
import { type ChangeTenant, type TenantState, tenantDecider } from './tenant.decider.js';
import type { TenantEvent } from './tenant.events.js';

/** An account in the workspace's product and no person: nothing of it is sealed. */
export const tenantAggregate: Aggregate<ChangeTenant, TenantState, TenantEvent> = {
  type: 'tenant',
  prefix: 'ten',
  decider: tenantDecider,
  subjectOf: () => null,
  claimsOf: (event) => (event.type === 'tenant.created' ? [{ kind: 'tenant', value: event.data.external_id }] : []),
};
