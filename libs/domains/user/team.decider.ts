import { type Decider, type Refusal, refuse } from '../../platform/kernel/decider.js';
import type { Party } from '../../platform/kernel/event.js';
import type { TeamEvent } from './team.events.js';

/** Makes a team known, or brings what is known of it up to date. */
export interface UpsertTeam {
  type: 'upsert';
  externalId: string;
  name: string;
}

/** What is undefined is left as it is. */
export interface UpdateTeam {
  type: 'update';
  name: string | undefined;
}

export interface ChangeMember {
  type: 'add_member' | 'remove_member';
  member: Party;
}

export interface TeamState {
  name: string;
  /** Ids of users and AI agents. */
  members: readonly string[];
}

export const MOST_MEMBERS = 1000;

export type TeamCommand = UpsertTeam | UpdateTeam | ChangeMember;

export const teamDecider: Decider<TeamCommand, TeamState, TeamEvent> = { decide, evolve };

function decide(command: TeamCommand, state: TeamState | null): TeamEvent[] | Refusal {
  if (command.type === 'upsert') {
    const { externalId: external_id, name } = command;
    if (state === null) return [{ type: 'team.created', data: { external_id, name } }];
    return renamed(name, state);
  }
  if (state === null) return refuse('not_found', 'There is no such team in this workspace.');
  if (command.type === 'update') return renamed(command.name, state);
  const { member } = command;
  const isMember = state.members.includes(member.id);
  switch (command.type) {
    case 'add_member':
      if (isMember) return refuse('already_member', `${member.id} is in the team already.`);
      if (state.members.length >= MOST_MEMBERS)
        return refuse('team_full', `A team has ${MOST_MEMBERS} members at most.`);
      return [{ type: 'team.member_added', data: { member } }];
    case 'remove_member':
      if (!isMember) return refuse('not_a_member', `${member.id} is not in the team.`);
      return [{ type: 'team.member_removed', data: { member } }];
    default:
      return command satisfies never;
  }
}

function renamed(name: string | undefined, state: TeamState): TeamEvent[] {
  return name === undefined || name === state.name ? [] : [{ type: 'team.renamed', data: { name } }];
}

function evolve(state: TeamState | null, event: TeamEvent): TeamState {
  if (event.type === 'team.created') return { name: event.data.name, members: [] };
  if (state === null) throw new Error(`A team's first event is ${event.type}.`);
  switch (event.type) {
    case 'team.renamed':
      return { ...state, name: event.data.name };
    case 'team.member_added':
      return { ...state, members: [...state.members, event.data.member.id] };
    case 'team.member_removed':
      return { ...state, members: state.members.filter((id) => id !== event.data.member.id) };
    default:
      return event satisfies never;
  }
}
