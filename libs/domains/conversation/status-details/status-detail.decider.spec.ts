import { specify } from '../../../platform/testing/decider-specification.js';
import { statusDetailDecider } from './status-detail.decider.js';
import type { StatusDetailEvent } from './status-detail.events.js';

const given = specify(statusDetailDecider);
const created: StatusDetailEvent = { type: 'status_detail.created', data: { status: 'closed', name: 'Spam' } };
const renamed: StatusDetailEvent = { type: 'status_detail.renamed', data: { name: 'SPAM' } };
const archived: StatusDetailEvent = { type: 'status_detail.archived', data: {} };
const restored: StatusDetailEvent = { type: 'status_detail.restored', data: {} };

it('is made under a status, and made again with another case is renamed', () => {
  given().when({ type: 'make', status: 'closed', name: 'Spam' }).thenEvents(created);
  given(created).when({ type: 'make', status: 'closed', name: 'Spam' }).thenEvents();
  given(created).when({ type: 'make', status: 'closed', name: 'SPAM' }).thenEvents(renamed);
});

it('goes to the archive and comes back, once', () => {
  expect(given(created).when({ type: 'archive' }).thenEvents(archived)).toMatchObject({ archived: true });
  given(created, archived).when({ type: 'archive' }).thenEvents();
  expect(given(created, archived).when({ type: 'restore' }).thenEvents(restored)).toMatchObject({ archived: false });
  given(created).when({ type: 'restore' }).thenEvents();
});

it('cannot be changed before it is made', () => {
  given().when({ type: 'archive' }).thenRefused('not_found');
  expect(() => statusDetailDecider.evolve(null, archived)).toThrow('first event is status_detail.archived');
});
