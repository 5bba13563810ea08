import type { Aggregate } from '../../platform/commands/command.js';
import { type TeamCommand, type TeamState, teamDecider } from './team.decider.js';
import type { TeamEvent } from './team.events.js';

/** Who is in it is said by ids alone: nothing of it is personal. */
export const teamAggregate: Aggregate<TeamCommand, TeamState, TeamEvent> = {
  type: 'team',
  prefix: 'team',
  decider: teamDecider,
  subjectOf: () => null,
  claimsOf: (event) => (event.type === 'team.created' ? [{ kind: 'team', value: event.data.external_id }] : []),
};
