import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

/** Everything that happens on a stream of activities. */
export type ActivityEvent = DomainEvent<'activity.recorded', EventData['activity.recorded']>;
