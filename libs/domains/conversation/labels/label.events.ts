import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a label's stream. */
export type LabelEvent =
  | Of<'label.created'>
  | Of<'label.renamed'>
  | Of<'label.recolored'>
  | Of<'label.description_changed'>
  | Of<'label.archived'>
  | Of<'label.restored'>;
