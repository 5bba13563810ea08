import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a company's stream. */
export type CompanyEvent =
  | Of<'company.created'>
  | Of<'company.renamed'>
  | Of<'company.domains_changed'>
  | Of<'company.archived'>
  | Of<'company.restored'>
  | Of<'company.field_set'>
  | Of<'company.field_cleared'>;
