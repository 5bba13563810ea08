import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on an event type's stream. */
export type EventTypeEvent =
  | Of<'event_type.created'>
  | Of<'event_type.version_added'>
  | Of<'event_type.description_changed'>
  | Of<'event_type.archived'>
  | Of<'event_type.restored'>;
