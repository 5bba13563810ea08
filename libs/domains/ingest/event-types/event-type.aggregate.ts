import type { Aggregate, Claim } from '../../../platform/commands/command.js';
import { type EventTypeCommand, type EventTypeState, eventTypeDecider } from './event-type.decider.js';
import type { EventTypeEvent } from './event-type.events.js';

/** A word of the workspace's own, and what data it has: nothing of it is personal. */
export const eventTypeAggregate: Aggregate<EventTypeCommand, EventTypeState, EventTypeEvent> = {
  type: 'event_type',
  prefix: 'ety',
  decider: eventTypeDecider,
  subjectOf: () => null,
  claimsOf: (event) => (event.type === 'event_type.created' ? [eventTypeNamed(event.data.name)] : []),
};

export function eventTypeNamed(name: string): Claim {
  return { kind: 'event_type', value: name };
}
