import { specify } from '../../platform/testing/decider-specification.js';
import { aiAgentDecider } from './ai-agent.decider.js';
import type { AiAgentEvent } from './ai-agent.events.js';

const given = specify(aiAgentDecider);
const unsaid = { status: 'offline', skills: [], capacity: null };
const created: AiAgentEvent = { type: 'ai_agent.created', data: { external_id: 'bot', name: 'Bot' } };
const renamed: AiAgentEvent = { type: 'ai_agent.renamed', data: { name: 'Bot 2' } };

it('makes an AI agent known', () => {
  expect(given().when({ externalId: 'bot', name: 'Bot' }).thenEvents(created)).toEqual({ name: 'Bot', ...unsaid });
});

it('renames one that is known', () => {
  expect(given(created).when({ externalId: 'bot', name: 'Bot 2' }).thenEvents(renamed)).toEqual({
    name: 'Bot 2',
    ...unsaid,
  });
});

it('has nothing to say where nothing changes', () => {
  given(created).when({ externalId: 'bot', name: 'Bot' }).thenEvents();
  given(created, renamed).when({ externalId: 'bot', name: 'Bot 2' }).thenEvents();
});

it('cannot be folded from another first event', () => {
  expect(() => aiAgentDecider.evolve(null, renamed)).toThrow('first event is ai_agent.renamed');
});

it('says whether it is there, what for, and how much of it', () => {
  const changes: AiAgentEvent[] = [
    { type: 'ai_agent.renamed', data: { name: 'Bot 2' } },
    { type: 'ai_agent.status_changed', data: { status: 'available' } },
    { type: 'ai_agent.skill_added', data: { skill: 'lace' } },
    { type: 'ai_agent.capacity_changed', data: { capacity: 100 } },
  ];
  const wanted = { name: 'Bot 2', status: 'available', skills: ['lace'], capacity: 100 } as const;
  expect(
    given(created)
      .when(wanted)
      .thenEvents(...changes),
  ).toEqual(wanted);
  given(created, ...changes)
    .when({ skills: [] })
    .thenEvents({ type: 'ai_agent.skill_removed', data: { skill: 'lace' } });
  given().when({ status: 'away' }).thenRefused('not_found');
});

it('is unsaid of one whose state was kept before there was any', () => {
  const kept = { name: 'Bot' } as ReturnType<typeof aiAgentDecider.evolve>;
  expect(aiAgentDecider.evolve(kept, renamed)).toEqual({ name: 'Bot 2', ...unsaid });
});
