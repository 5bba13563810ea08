import { specify } from '../../platform/testing/decider-specification.js';
import { aiAgentDecider } from './ai-agent.decider.js';
import type { AiAgentEvent } from './ai-agent.events.js';

const given = specify(aiAgentDecider);
const created: AiAgentEvent = { type: 'ai_agent.created', data: { external_id: 'bot', name: 'Bot' } };
const renamed: AiAgentEvent = { type: 'ai_agent.renamed', data: { name: 'Bot 2' } };

it('makes an AI agent known', () => {
  expect(given().when({ externalId: 'bot', name: 'Bot' }).thenEvents(created)).toEqual({ name: 'Bot' });
});

it('renames one that is known', () => {
  expect(given(created).when({ externalId: 'bot', name: 'Bot 2' }).thenEvents(renamed)).toEqual({ name: 'Bot 2' });
});

it('has nothing to say where nothing changes', () => {
  given(created).when({ externalId: 'bot', name: 'Bot' }).thenEvents();
  given(created, renamed).when({ externalId: 'bot', name: 'Bot 2' }).thenEvents();
});

it('cannot be folded from another first event', () => {
  expect(() => aiAgentDecider.evolve(null, renamed)).toThrow('first event is ai_agent.renamed');
});
