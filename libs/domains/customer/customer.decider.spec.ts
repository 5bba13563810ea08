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
