import type { Aggregate } from '../../../platform/commands/command.js';
import { type JobCommand, type JobState, jobDecider } from './job.decider.js';
import type { JobEvent } from './job.events.js';

/** It names conversations by their ids, and what is done to them without a text of a person's. */
export const jobAggregate: Aggregate<JobCommand, JobState, JobEvent> = {
  type: 'job',
  prefix: 'job',
  decider: jobDecider,
  subjectOf: () => null,
};
