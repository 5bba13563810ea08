import type { EventData } from '../../../contract/generated/event-data.js';
import { prefixOf } from '../../../platform/kernel/id.js';
import type { FilteredEvent } from './compile-filter.js';

const SUBJECTS: readonly string[] = ['conv', 'cus', 'com', 'ten'];

/**
 * The conversation, customer, company or tenant that an event is about: whose stream it is on, or what an activity is
 * about; null for all other events.
 */
export function subjectOf({ type, meta, data }: Pick<FilteredEvent, 'type' | 'meta' | 'data'>): string | null {
  const id = type === 'activity.recorded' ? (data as EventData['activity.recorded']).subject_id : meta.stream;
  return SUBJECTS.includes(prefixOf(id)) ? id : null;
}
