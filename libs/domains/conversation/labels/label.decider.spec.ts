import { specify } from '../../../platform/testing/decider-specification.js';
import { labelDecider } from './label.decider.js';
import type { LabelEvent } from './label.events.js';

const given = specify(labelDecider);
const created: LabelEvent = {
  type: 'label.created',
  data: { name: 'Billing', color: '#808080', description: null },
};
const archived: LabelEvent = { type: 'label.archived', data: {} };
const restored: LabelEvent = { type: 'label.restored', data: {} };

it('is made by its name, grey unless told', () => {
  given().when({ name: 'Billing' }).thenEvents(created);
  given()
    .when({ name: 'Billing', color: '#ff0000', description: 'Money' })
    .thenEvents({ type: 'label.created', data: { name: 'Billing', color: '#ff0000', description: 'Money' } });
});

it('is not found without a name', () => {
  given().when({ color: '#ff0000' }).thenRefused('not_found');
});

it('has an event for each field that changes', () => {
  given(created)
    .when({ name: 'Money', color: '#00ff00', description: 'All of it', archived: true })
    .thenEvents(
      { type: 'label.renamed', data: { name: 'Money' } },
      { type: 'label.recolored', data: { color: '#00ff00' } },
      { type: 'label.description_changed', data: { description: 'All of it' } },
      archived,
    );
});

it('has nothing to say where nothing changes', () => {
  given(created).when({}).thenEvents();
  given(created).when({ name: 'Billing', color: '#808080', description: null, archived: false }).thenEvents();
  given(created, archived).when({ archived: true }).thenEvents();
});

it('does not take the name of another one', () => {
  given(created).when({ name: 'Money', nameIsOf: 'lbl_other' }).thenRefused('external_id_taken');
});

it('loses its description', () => {
  const described: LabelEvent = { type: 'label.description_changed', data: { description: 'Money' } };
  given(created, described)
    .when({ description: null })
    .thenEvents({ type: 'label.description_changed', data: { description: null } });
});

it('comes back from the archive', () => {
  expect(given(created, archived).when({ archived: false }).thenEvents(restored)).toMatchObject({ archived: false });
});

it('cannot be folded from another first event', () => {
  expect(() => labelDecider.evolve(null, archived)).toThrow('first event is label.archived');
});
