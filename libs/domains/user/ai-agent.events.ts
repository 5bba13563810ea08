import type { EventData } from '../../contract/generated/event-data.js';
import type { DomainEvent } from '../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on an AI agent's stream. */
export type AiAgentEvent =
  | Of<'ai_agent.created'>
  | Of<'ai_agent.renamed'>
  | Of<'ai_agent.status_changed'>
  | Of<'ai_agent.skill_added'>
  | Of<'ai_agent.skill_removed'>
  | Of<'ai_agent.capacity_changed'>;
