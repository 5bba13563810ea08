import type { Decider, Refusal } from '../../platform/kernel/decider.js';
import type { UserEvent } from './user.events.js';

/** Makes a user known, or brings what is known of them up to date. */
export interface UpsertUser {
  externalId: string;
  name: string;
  /** Null takes it away; undefined leaves it. */
  email?: string | null | undefined;
}

export interface UserState {
  name: string;
  email: string | null;
}

export const userDecider: Decider<UpsertUser, UserState, UserEvent> = { decide, evolve };

function decide(command: UpsertUser, state: UserState | null): UserEvent[] | Refusal {
  if (state === null) {
    return [
      {
        type: 'user.created',
        data: { external_id: command.externalId, name: command.name, email: command.email ?? null },
      },
    ];
  }
  const events: UserEvent[] = [];
  if (command.name !== state.name) events.push({ type: 'user.renamed', data: { name: command.name } });
  if (command.email !== undefined && command.email !== state.email) {
    events.push({ type: 'user.email_changed', data: { email: command.email } });
  }
  return events;
}

function evolve(state: UserState | null, event: UserEvent): UserState {
  if (event.type === 'user.created') return { name: event.data.name, email: event.data.email };
  if (state === null) throw new Error(`A user's first event is ${event.type}.`);
  switch (event.type) {
    case 'user.renamed':
      return { ...state, name: event.data.name };
    case 'user.email_changed':
      return { ...state, email: event.data.email };
    default:
      return event satisfies never;
  }
}
