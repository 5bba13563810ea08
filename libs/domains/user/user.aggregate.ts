import type { Aggregate } from '../../platform/commands/command.js';
import { type UpsertUser, type UserEvent, type UserState, userDecider } from './user.decider.js';

/** Everything said of a user is sealed with their own key, the state of the stream too. */
export const userAggregate: Aggregate<UpsertUser, UserState, UserEvent> = {
  type: 'user',
  prefix: 'usr',
  decider: userDecider,
  subjectOf: (_state, stream) => stream,
  personalState: true,
};
