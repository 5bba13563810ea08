import type { Aggregate } from '../../platform/commands/command.js';
import { type ChangeUser, type UserState, userDecider } from './user.decider.js';
import type { UserEvent } from './user.events.js';

/** Everything said of a user is sealed with their own key, the state of the stream too. */
export const userAggregate: Aggregate<ChangeUser, UserState, UserEvent> = {
  type: 'user',
  prefix: 'usr',
  decider: userDecider,
  subjectOf: (_state, stream) => stream,
  personalState: true,
  claimsOf: (event) => (event.type === 'user.created' ? [{ kind: 'user', value: event.data.external_id }] : []),
};
