import { type Decider, type Refusal, refuse } from '../../platform/kernel/decider.js';
import type { AiAgentEvent } from './ai-agent.events.js';
import {
  type Availability,
  type ChangeAvailability,
  UNSAID,
  wholeAvailability,
} from './availability/availability.commands.js';
import { availabilityChanges, withAvailability } from './availability/availability.events.js';

/** Makes an AI agent known, or changes what is known of it. What is undefined stays as it is. */
export interface ChangeAiAgent extends ChangeAvailability {
  /** Needed, with the name, of one that is not known yet; of one that is, it is passed over. */
  externalId?: string | undefined;
  name?: string | undefined;
}

export interface AiAgentState extends Availability {
  name: string;
}

export const aiAgentDecider: Decider<ChangeAiAgent, AiAgentState, AiAgentEvent> = { decide, evolve };

function decide(command: ChangeAiAgent, state: AiAgentState | null): AiAgentEvent[] | Refusal {
  const { externalId, name } = command;
  if (state === null) {
    if (externalId === undefined || name === undefined) {
      return refuse('not_found', 'There is no such AI agent in this workspace.');
    }
    const created: AiAgentEvent = { type: 'ai_agent.created', data: { external_id: externalId, name } };
    return [created, ...availability(command, UNSAID)];
  }
  const events: AiAgentEvent[] = [];
  if (name !== undefined && name !== state.name) events.push({ type: 'ai_agent.renamed', data: { name } });
  return [...events, ...availability(command, wholeAvailability(state))];
}

function availability(command: ChangeAvailability, state: Availability): AiAgentEvent[] {
  return availabilityChanges(command, state).map(
    ({ verb, data }) => ({ type: `ai_agent.${verb}`, data }) as AiAgentEvent,
  );
}

function evolve(kept: AiAgentState | null, event: AiAgentEvent): AiAgentState {
  if (event.type === 'ai_agent.created') return { name: event.data.name, ...UNSAID };
  if (kept === null) throw new Error(`An AI agent's first event is ${event.type}.`);
  const state = wholeAvailability(kept);
  switch (event.type) {
    case 'ai_agent.renamed':
      return { ...state, name: event.data.name };
    case 'ai_agent.status_changed':
      return withAvailability(state, { verb: 'status_changed', data: event.data });
    case 'ai_agent.skill_added':
      return withAvailability(state, { verb: 'skill_added', data: event.data });
    case 'ai_agent.skill_removed':
      return withAvailability(state, { verb: 'skill_removed', data: event.data });
    case 'ai_agent.capacity_changed':
      return withAvailability(state, { verb: 'capacity_changed', data: event.data });
    default:
      return event satisfies never;
  }
}
