import type { EventData } from '../../contract/generated/event-data.js';
import type { DomainEvent } from '../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** What a customer's stream begins with. */
export type CustomerBegun = Of<'customer.created'> | Of<'customer.placeholder_created'>;

/** Everything that happens on a customer's stream. */
export type CustomerEvent =
  | CustomerBegun
  | Of<'customer.identified'>
  | Of<'customer.renamed'>
  | Of<'customer.language_changed'>
  | Of<'customer.time_zone_changed'>
  | IdentityEvent
  | MembershipEvent
  | CustomerFieldEvent
  | Of<'customer.merged'>
  | Of<'customer.unmerged'>;

export type CustomerFieldEvent = Of<'customer.field_set'> | Of<'customer.field_cleared'>;

export type IdentityEvent =
  | Of<'customer.identity_added'>
  | Of<'customer.identity_verified'>
  | Of<'customer.identity_unverified'>
  | Of<'customer.identity_made_primary'>
  | Of<'customer.identity_removed'>;

export type MembershipEvent =
  | Of<'customer.company_joined'>
  | Of<'customer.company_left'>
  | Of<'customer.tenant_joined'>
  | Of<'customer.tenant_left'>;
