import type { EventData } from '../../contract/generated/event-data.js';
import type { DomainEvent } from '../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a customer's stream. */
export type CustomerEvent =
  | Of<'customer.created'>
  | Of<'customer.renamed'>
  | Of<'customer.field_set'>
  | Of<'customer.field_cleared'>;
