import { specify } from '../../platform/testing/decider-specification.js';
import { customerDecider } from './customer.decider.js';
import type { CustomerEvent } from './customer.events.js';

const given = specify(customerDecider);
const created: CustomerEvent = { type: 'customer.created', data: { external_id: 'ada', name: 'Ada' } };
const renamed: CustomerEvent = { type: 'customer.renamed', data: { name: 'Ada L.' } };

it('makes a customer known', () => {
  expect(given().when({ externalId: 'ada', name: 'Ada' }).thenEvents(created)).toEqual({ name: 'Ada', fields: {} });
});

it('renames one that is known, and back', () => {
  expect(given(created).when({ externalId: 'ada', name: 'Ada L.' }).thenEvents(renamed)).toEqual({
    name: 'Ada L.',
    fields: {},
  });
  given(created, renamed)
    .when({ externalId: 'ada', name: 'Ada' })
    .thenEvents({ type: 'customer.renamed', data: { name: 'Ada' } });
});

it('has nothing to say where nothing changes', () => {
  given(created).when({ externalId: 'ada', name: 'Ada' }).thenEvents();
  given(created, renamed).when({ externalId: 'ada', name: 'Ada L.' }).thenEvents();
});

it('cannot be folded from another first event', () => {
  expect(() => customerDecider.evolve(null, renamed)).toThrow('first event is customer.renamed');
});

describe('custom fields', () => {
  const change = {
    field: 'fld_1',
    key: 'loom',
    kind: 'string',
    version: 1,
    personal: true,
    json: '"table"',
    isSame: false,
    dependsOn: null,
  } as const;
  const set: CustomerEvent = {
    type: 'customer.field_set',
    data: { field_id: 'fld_1', key: 'loom', kind: 'string', version: 1, value: null, personal_value: '"table"' },
  };
  const required = [{ field: 'fld_2', key: 'reed', dependsOn: null }];

  it('begin with what is given to somebody new, and with that alone', () => {
    const fields = { changes: [change], replaces: false, required };
    given().when({ externalId: 'ada', name: 'Ada', fields }).thenEvents(created, set);
    given(created).when({ externalId: 'ada', name: 'Ada', fields }).thenEvents();
  });

  it('have to have what is required when they are changed', () => {
    const command = { type: 'change_fields', changes: [change], replaces: false } as const;
    given(created)
      .when({ ...command, required })
      .thenRefused('field_required');
    expect(
      given(created)
        .when({ ...command, required: [] })
        .thenEvents(set),
    ).toEqual({ name: 'Ada', fields: { fld_1: { key: 'loom' } } });
    given(created, set)
      .when({ ...command, changes: [], replaces: true, required: [] })
      .thenEvents({ type: 'customer.field_cleared', data: { field_id: 'fld_1', key: 'loom' } });
    given()
      .when({ ...command, required: [] })
      .thenRefused('not_found');
  });

  it('are none where the state was kept before there were any', () => {
    expect(customerDecider.evolve({ name: 'Ada' } as never, set)).toEqual({
      name: 'Ada',
      fields: { fld_1: { key: 'loom' } },
    });
  });
});
