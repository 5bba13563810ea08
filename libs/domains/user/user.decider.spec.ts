import { specify } from '../../platform/testing/decider-specification.js';
import { userDecider } from './user.decider.js';
import type { UserEvent } from './user.events.js';

const given = specify(userDecider);
const bo = { externalId: 'bo', name: 'Bo' };
const created = (email: string | null): UserEvent => ({
  type: 'user.created',
  data: { external_id: 'bo', name: 'Bo', email },
});
const emailChanged = (email: string | null): UserEvent => ({ type: 'user.email_changed', data: { email } });

it('makes a user known, with an address or without', () => {
  given().when(bo).thenEvents(created(null));
  given()
    .when({ ...bo, email: null })
    .thenEvents(created(null));
  expect(
    given()
      .when({ ...bo, email: 'bo@example.org' })
      .thenEvents(created('bo@example.org')),
  ).toEqual({ name: 'Bo', email: 'bo@example.org' });
});

it('says each change as a fact of its own', () => {
  const state = given(created(null))
    .when({ ...bo, name: 'Bo B.', email: 'bo@example.org' })
    .thenEvents({ type: 'user.renamed', data: { name: 'Bo B.' } }, emailChanged('bo@example.org'));
  expect(state).toEqual({ name: 'Bo B.', email: 'bo@example.org' });
});

it('leaves an address that is not named, and takes away one that is null', () => {
  given(created('bo@example.org')).when(bo).thenEvents();
  given(created('bo@example.org'))
    .when({ ...bo, email: undefined })
    .thenEvents();
  expect(
    given(created('bo@example.org'))
      .when({ ...bo, email: null })
      .thenEvents(emailChanged(null)),
  ).toEqual({ name: 'Bo', email: null });
});

it('has nothing to say where nothing changes', () => {
  given(created('a@b'), emailChanged('c@d'))
    .when({ ...bo, email: 'c@d' })
    .thenEvents();
  given(created(null))
    .when({ ...bo, email: null })
    .thenEvents();
});

it('keeps the address when the name changes', () => {
  expect(given(created('a@b'), { type: 'user.renamed', data: { name: 'B' } }).state).toEqual({
    name: 'B',
    email: 'a@b',
  });
});

it.each([emailChanged('a@b'), { type: 'user.renamed', data: { name: 'B' } } as UserEvent])(
  'cannot be folded from $type first',
  (event) => {
    expect(() => userDecider.evolve(null, event)).toThrow(`first event is ${event.type}`);
  },
);
