import type { Aggregate } from '../../platform/commands/command.js';
import { type AiAgentState, aiAgentDecider, type ChangeAiAgent } from './ai-agent.decider.js';
import type { AiAgentEvent } from './ai-agent.events.js';

/** A program: nothing of it is personal. */
export const aiAgentAggregate: Aggregate<ChangeAiAgent, AiAgentState, AiAgentEvent> = {
  type: 'ai_agent',
  prefix: 'aia',
  decider: aiAgentDecider,
  subjectOf: () => null,
  claimsOf: (event) => (event.type === 'ai_agent.created' ? [{ kind: 'ai_agent', value: event.data.external_id }] : []),
};
