import { type Decider, type Refusal, refuse } from '../../platform/kernel/decider.js';
import {
  type Availability,
  type ChangeAvailability,
  UNSAID,
  wholeAvailability,
} from './availability/availability.commands.js';
import { availabilityChanges, withAvailability } from './availability/availability.events.js';
import type { UserEvent } from './user.events.js';

/** Makes a user known, or changes what is known of them. What is undefined stays as it is. */
export interface ChangeUser extends ChangeAvailability {
  /** Needed, with the name, of one who is not known yet; of one who is, it is passed over. */
  externalId?: string | undefined;
  name?: string | undefined;
  /** Null takes it away. */
  email?: string | null | undefined;
}

export interface UserState extends Availability {
  name: string;
  email: string | null;
}

export const userDecider: Decider<ChangeUser, UserState, UserEvent> = { decide, evolve };

function decide(command: ChangeUser, state: UserState | null): UserEvent[] | Refusal {
  const { externalId, name, email } = command;
  if (state === null) {
    if (externalId === undefined || name === undefined) {
      return refuse('not_found', 'There is no such user in this workspace.');
    }
    const created: UserEvent = {
      type: 'user.created',
      data: { external_id: externalId, name, email: email ?? null },
    };
    return [created, ...availability(command, UNSAID)];
  }
  const events: UserEvent[] = [];
  if (name !== undefined && name !== state.name) events.push({ type: 'user.renamed', data: { name } });
  if (email !== undefined && email !== state.email) events.push({ type: 'user.email_changed', data: { email } });
  return [...events, ...availability(command, wholeAvailability(state))];
}

function availability(command: ChangeAvailability, state: Availability): UserEvent[] {
  return availabilityChanges(command, state).map(({ verb, data }) => ({ type: `user.${verb}`, data }) as UserEvent);
}

function evolve(kept: UserState | null, event: UserEvent): UserState {
  if (event.type === 'user.created') return { name: event.data.name, email: event.data.email, ...UNSAID };
  if (kept === null) throw new Error(`A user's first event is ${event.type}.`);
  const state = wholeAvailability(kept);
  switch (event.type) {
    case 'user.renamed':
      return { ...state, name: event.data.name };
    case 'user.email_changed':
      return { ...state, email: event.data.email };
    case 'user.status_changed':
      return withAvailability(state, { verb: 'status_changed', data: event.data });
    case 'user.skill_added':
      return withAvailability(state, { verb: 'skill_added', data: event.data });
    case 'user.skill_removed':
      return withAvailability(state, { verb: 'skill_removed', data: event.data });
    case 'user.capacity_changed':
      return withAvailability(state, { verb: 'capacity_changed', data: event.data });
    default:
      return event satisfies never;
  }
}
