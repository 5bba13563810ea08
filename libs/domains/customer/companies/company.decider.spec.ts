import { specify } from '../../../platform/testing/decider-specification.js';
import { companyDecider } from './company.decider.js';
import type { CompanyEvent } from './company.events.js';

const given = specify(companyDecider);
const created: CompanyEvent = { type: 'company.created', data: { external_id: 'c1', name: 'Loom', domains: ['a.b'] } };
const archived: CompanyEvent = { type: 'company.archived', data: {} };
const restored: CompanyEvent = { type: 'company.restored', data: {} };

it('is made known by its external id, with each domain once', () => {
  given()
    .when({ externalId: 'c1', name: 'Loom', domains: ['a.b', 'a.b'] })
    .thenEvents(created);
  given()
    .when({ externalId: 'c1', name: 'Loom' })
    .thenEvents({ type: 'company.created', data: { external_id: 'c1', name: 'Loom', domains: [] } });
  given().when({ name: 'Loom' }).thenRefused('not_found');
  given().when({ externalId: 'c1' }).thenRefused('not_found');
});

it('has an event for each field that changes, and none for one that does not', () => {
  const state = given(created)
    .when({ externalId: 'c1', name: 'Reed', domains: ['a.b', 'c.d'], archived: true })
    .thenEvents(
      { type: 'company.renamed', data: { name: 'Reed' } },
      { type: 'company.domains_changed', data: { domains: ['a.b', 'c.d'] } },
      archived,
    );
  expect(state).toEqual({ name: 'Reed', domains: ['a.b', 'c.d'], archived: true, fields: {} });
  given(created)
    .when({ name: 'Loom', domains: ['a.b'], archived: false })
    .thenEvents();
  given(created, archived).when({ archived: false }).thenEvents(restored);
});

it('cannot be folded from another first event', () => {
  expect(() => companyDecider.evolve(null, archived)).toThrow('first event is company.archived');
});

it('begins with its defaults, and has to have what is required when its fields are changed', () => {
  const change = {
    field: 'fld_1',
    key: 'tier',
    kind: 'string',
    version: 1,
    personal: false,
    json: '"gold"',
    isSame: false,
    dependsOn: null,
  } as const;
  const fields = { changes: [change], replaces: false, required: [{ field: 'fld_2', key: 'since', dependsOn: null }] };
  const set = {
    type: 'company.field_set',
    data: { field_id: 'fld_1', key: 'tier', kind: 'string', version: 1, value: '"gold"', personal_value: null },
  } as const;
  expect(companyDecider.decide({ externalId: 'loom', name: 'Loom', firstFields: fields }, null)).toEqual([
    expect.objectContaining({ type: 'company.created' }),
    set,
  ]);
  given(created).when({ fields }).thenRefused('field_required');
  given(created)
    .when({ fields: { ...fields, required: [] } })
    .thenEvents(set);
});
