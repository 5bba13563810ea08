import { specify } from '../../platform/testing/decider-specification.js';
import { MOST_MEMBERS, teamDecider } from './team.decider.js';
import type { TeamEvent } from './team.events.js';

const given = specify(teamDecider);
const BO = { type: 'user', id: 'usr_bo' };
const BOT = { type: 'ai_agent', id: 'aia_bot' };
const created: TeamEvent = { type: 'team.created', data: { external_id: 'night', name: 'Night shift' } };
const renamed: TeamEvent = { type: 'team.renamed', data: { name: 'Nights' } };
const added = (member: typeof BO): TeamEvent => ({ type: 'team.member_added', data: { member } });
const removed = (member: typeof BO): TeamEvent => ({ type: 'team.member_removed', data: { member } });

it('is made known, renamed, and left alone where nothing changes', () => {
  given().when({ type: 'upsert', externalId: 'night', name: 'Night shift' }).thenEvents(created);
  given(created).when({ type: 'upsert', externalId: 'night', name: 'Nights' }).thenEvents(renamed);
  given(created, renamed).when({ type: 'upsert', externalId: 'night', name: 'Nights' }).thenEvents();
});

it('is renamed by a patch, and left alone where that says nothing new', () => {
  given(created).when({ type: 'update', name: 'Nights' }).thenEvents(renamed);
  given(created, renamed).when({ type: 'update', name: 'Nights' }).thenEvents();
  given(created).when({ type: 'update', name: undefined }).thenEvents();
  given().when({ type: 'update', name: 'Nights' }).thenRefused('not_found');
});

it('takes users and AI agents, each once, and lets them go', () => {
  given(created).when({ type: 'add_member', member: BO }).thenEvents(added(BO));
  given(created, added(BO)).when({ type: 'add_member', member: BOT }).thenEvents(added(BOT));
  given(created, added(BO)).when({ type: 'add_member', member: BO }).thenRefused('already_member');
  expect(
    given(created, added(BO), added(BOT)).when({ type: 'remove_member', member: BO }).thenEvents(removed(BO)),
  ).toEqual({ name: 'Night shift', members: [BOT.id] });
  given(created, added(BO), removed(BO)).when({ type: 'remove_member', member: BO }).thenRefused('not_a_member');
});

it('has an end', () => {
  const many = Array.from({ length: MOST_MEMBERS }, (_, n) => added({ type: 'user', id: `usr_${n}` }));
  given(created, ...many)
    .when({ type: 'add_member', member: BO })
    .thenRefused('team_full');
});

it('has no members before it is made', () => {
  given().when({ type: 'add_member', member: BO }).thenRefused('not_found');
  expect(() => teamDecider.evolve(null, renamed)).toThrow('first event is team.renamed');
});
