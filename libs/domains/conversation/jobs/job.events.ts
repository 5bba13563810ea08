import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a job's stream. */
export type JobEvent =
  | Of<'job.created'>
  | Of<'job.rows_added'>
  | Of<'job.progressed'>
  | Of<'job.finished'>
  | Of<'job.cancelled'>;
