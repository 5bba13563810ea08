import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a tenant's stream. */
export type TenantEvent =
  | Of<'tenant.created'>
  | Of<'tenant.renamed'>
  | Of<'tenant.company_changed'>
  | Of<'tenant.archived'>
  | Of<'tenant.restored'>
  | Of<'tenant.field_set'>
  | Of<'tenant.field_cleared'>;
