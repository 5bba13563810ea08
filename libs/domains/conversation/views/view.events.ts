import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a view's stream. */
export type ViewEvent =
  | Of<'view.created'>
  | Of<'view.renamed'>
  | Of<'view.filter_changed'>
  | Of<'view.sort_changed'>
  | Of<'view.archived'>
  | Of<'view.restored'>;
