import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a status detail's stream. */
export type StatusDetailEvent =
  | Of<'status_detail.created'>
  | Of<'status_detail.renamed'>
  | Of<'status_detail.archived'>
  | Of<'status_detail.restored'>;
