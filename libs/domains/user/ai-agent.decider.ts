import type { Decider, Refusal } from '../../platform/kernel/decider.js';
import type { AiAgentEvent } from './ai-agent.events.js';

/** Makes an AI agent known, or brings what is known of it up to date. */
export interface UpsertAiAgent {
  externalId: string;
  name: string;
}

export interface AiAgentState {
  name: string;
}

export const aiAgentDecider: Decider<UpsertAiAgent, AiAgentState, AiAgentEvent> = { decide, evolve };

function decide(command: UpsertAiAgent, state: AiAgentState | null): AiAgentEvent[] | Refusal {
  if (state === null) {
    return [
      {
        type: 'ai_agent.created',
        data: { external_id: command.externalId, name: command.name },
      },
    ];
  }
  const events: AiAgentEvent[] = [];
  if (command.name !== state.name) events.push({ type: 'ai_agent.renamed', data: { name: command.name } });
  return events;
}

function evolve(state: AiAgentState | null, event: AiAgentEvent): AiAgentState {
  if (event.type === 'ai_agent.created') return { name: event.data.name };
  if (state === null) throw new Error(`An AI agent's first event is ${event.type}.`);
  switch (event.type) {
    case 'ai_agent.renamed':
      return { name: event.data.name };
    default:
      return event satisfies never;
  }
}
