import { specify } from '../../platform/testing/decider-specification.js';
import { workspaceDecider } from './workspace.decider.js';
import type { WorkspaceEvent } from './workspace.events.js';

const given = specify(workspaceDecider);
const created: WorkspaceEvent = { type: 'workspace.created', data: { name: 'Acme', external_id: 'acme' } };
const renamed: WorkspaceEvent = { type: 'workspace.renamed', data: { name: 'Acme & Sons' } };

it('makes a workspace, with an external id or without', () => {
  expect(given().when({ name: 'Acme', externalId: 'acme' }).thenEvents(created)).toEqual({ name: 'Acme' });
  given()
    .when({ name: 'Acme', externalId: null })
    .thenEvents({ type: 'workspace.created', data: { name: 'Acme', external_id: null } });
});

it('gives one that is there another name, and says nothing where it has it', () => {
  expect(given(created).when({ name: 'Acme & Sons', externalId: 'acme' }).thenEvents(renamed)).toEqual({
    name: 'Acme & Sons',
  });
  given(created).when({ name: 'Acme', externalId: 'acme' }).thenEvents();
  given(created, renamed).when({ name: 'Acme & Sons', externalId: 'acme' }).thenEvents();
});

it('cannot be folded from another first event', () => {
  expect(() => workspaceDecider.evolve(null, renamed)).toThrow('first event is workspace.renamed');
});
