import type { Aggregate } from '../../../platform/commands/command.js';
import { type ReplayCommand, type ReplayState, replayDecider } from './replay.decider.js';
import type { ReplayEvent } from './replay.events.js';

/** Its filter is held to naming nobody, as an endpoint's is. */
export const replayAggregate: Aggregate<ReplayCommand, ReplayState, ReplayEvent> = {
  type: 'webhook_replay',
  prefix: 'rpl',
  decider: replayDecider,
  subjectOf: () => null,
};
