import { specify } from '../../../platform/testing/decider-specification.js';
import { tenantDecider } from './tenant.decider.js';
import type { TenantEvent } from './tenant.events.js';

const given = specify(tenantDecider);
const created: TenantEvent = { type: 'tenant.created', data: { external_id: 't1', name: 'Shop', company_id: 'com_1' } };
const archived: TenantEvent = { type: 'tenant.archived', data: {} };
const restored: TenantEvent = { type: 'tenant.restored', data: {} };

it('is made known by its external id, with a company or none', () => {
  given().when({ externalId: 't1', name: 'Shop', company: 'com_1' }).thenEvents(created);
  given()
    .when({ externalId: 't1', name: 'Shop' })
    .thenEvents({ type: 'tenant.created', data: { external_id: 't1', name: 'Shop', company_id: null } });
  given().when({ name: 'Shop' }).thenRefused('not_found');
});

it('has an event for each field that changes, and none for one that does not', () => {
  const state = given(created)
    .when({ name: 'Store', company: null, archived: true })
    .thenEvents(
      { type: 'tenant.renamed', data: { name: 'Store' } },
      { type: 'tenant.company_changed', data: { company_id: null } },
      archived,
    );
  expect(state).toEqual({ name: 'Store', company: null, archived: true, fields: {} });
  given(created).when({ name: 'Shop', company: 'com_1', archived: false }).thenEvents();
  given(created, archived).when({ archived: false }).thenEvents(restored);
});

it('cannot be folded from another first event', () => {
  expect(() => tenantDecider.evolve(null, archived)).toThrow('first event is tenant.archived');
});
