import { specify } from '../../../platform/testing/decider-specification.js';
import { viewDecider } from './view.decider.js';
import type { ViewEvent } from './view.events.js';

const given = specify(viewDecider);
const OPEN = '{"field":"status","op":"is","value":"open"}';
const created: ViewEvent = {
  type: 'view.created',
  data: { name: 'Open', owner_id: null, filter: OPEN, sort: 'id', order: 'desc' },
};
const archived: ViewEvent = { type: 'view.archived', data: {} };

it('is made by its name, shared and of all conversations unless told', () => {
  given().when({ name: 'Open', filter: OPEN }).thenEvents(created);
  given()
    .when({ name: 'Mine', owner: 'usr_bo', sort: 'priority', order: 'asc' })
    .thenEvents({
      type: 'view.created',
      data: { name: 'Mine', owner_id: 'usr_bo', filter: null, sort: 'priority', order: 'asc' },
    });
});

it('is not found without a name', () => {
  given().when({ filter: OPEN }).thenRefused('not_found');
});

it('has an event for each thing that changes, and keeps its owner', () => {
  given(created)
    .when({ name: 'All', owner: 'usr_bo', filter: null, sort: 'updated_at', archived: true })
    .thenEvents(
      { type: 'view.renamed', data: { name: 'All', owner_id: null } },
      { type: 'view.filter_changed', data: { filter: null } },
      { type: 'view.sort_changed', data: { sort: 'updated_at', order: 'desc' } },
      archived,
    );
});

it('has nothing to say where nothing changes', () => {
  given(created).when({ name: 'Open', filter: OPEN, sort: 'id', order: 'desc', archived: false }).thenEvents();
  given(created).when({}).thenEvents();
});

it('does not take the name of another one', () => {
  given(created).when({ name: 'Closed', nameIsOf: 'vie_other' }).thenRefused('external_id_taken');
});

it('comes back from the archive', () => {
  const restored: ViewEvent = { type: 'view.restored', data: {} };
  expect(given(created, archived).when({ archived: false }).thenEvents(restored)).toMatchObject({ archived: false });
  expect(() => viewDecider.evolve(null, archived)).toThrow('first event is view.archived');
});
