import { specify } from '../../platform/testing/decider-specification.js';
import { userDecider } from './user.decider.js';
import type { UserEvent } from './user.events.js';

const given = specify(userDecider);
const unsaid = { status: 'offline', skills: [], capacity: null };
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
  ).toEqual({ name: 'Bo', email: 'bo@example.org', ...unsaid });
});

it('says each change as a fact of its own', () => {
  const state = given(created(null))
    .when({ ...bo, name: 'Bo B.', email: 'bo@example.org' })
    .thenEvents({ type: 'user.renamed', data: { name: 'Bo B.' } }, emailChanged('bo@example.org'));
  expect(state).toEqual({ name: 'Bo B.', email: 'bo@example.org', ...unsaid });
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
  ).toEqual({ name: 'Bo', email: null, ...unsaid });
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
    ...unsaid,
  });
});

it.each([emailChanged('a@b'), { type: 'user.renamed', data: { name: 'B' } } as UserEvent])(
  'cannot be folded from $type first',
  (event) => {
    expect(() => userDecider.evolve(null, event)).toThrow(`first event is ${event.type}`);
  },
);

describe('availability', () => {
  const status: UserEvent = { type: 'user.status_changed', data: { status: 'available' } };
  const added = (skill: string): UserEvent => ({ type: 'user.skill_added', data: { skill } });
  const removed = (skill: string): UserEvent => ({ type: 'user.skill_removed', data: { skill } });
  const capacity = (of: number | null): UserEvent => ({ type: 'user.capacity_changed', data: { capacity: of } });

  it('has an event for each thing that changes, and none for what is so already', () => {
    const wanted = { status: 'available', skills: ['lace', 'german', 'lace'], capacity: 4 } as const;
    expect(
      given(created(null), added('billing'), added('german'))
        .when(wanted)
        .thenEvents(status, removed('billing'), added('lace'), capacity(4)),
    ).toMatchObject({ status: 'available', skills: ['german', 'lace'], capacity: 4 });
    given(created(null), status, added('german'), added('lace'), capacity(4)).when(wanted).thenEvents();
    given(created(null), capacity(4)).when({ capacity: null }).thenEvents(capacity(null));
  });

  it('can be said with the name', () => {
    given()
      .when({ ...bo, status: 'available', skills: ['lace'] })
      .thenEvents(created(null), status, added('lace'));
  });

  it('is nobody’s who is not known', () => {
    given().when({ status: 'away' }).thenRefused('not_found');
  });

  it('is unsaid of one whose state was kept before there was any', () => {
    const kept = { name: 'Bo', email: null } as ReturnType<typeof userDecider.evolve>;
    expect(userDecider.decide({ status: 'available', skills: ['lace'] }, kept)).toEqual([status, added('lace')]);
    expect(userDecider.evolve(kept, added('lace'))).toEqual({ ...kept, ...unsaid, skills: ['lace'] });
  });
});
