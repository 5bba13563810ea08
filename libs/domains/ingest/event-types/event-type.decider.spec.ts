import { specify } from '../../../platform/testing/decider-specification.js';
import {
  eventTypeDecider,
  MOST_BYTES_OF_SCHEMAS,
  MOST_TYPES,
  MOST_VERSIONS,
  type RegisterEventType,
} from './event-type.decider.js';
import type { EventTypeEvent } from './event-type.events.js';

const given = specify(eventTypeDecider);
const register = (more: Partial<RegisterEventType> = {}): RegisterEventType => ({
  type: 'register',
  name: 'invoice.paid',
  format: 'json_schema',
  schema: '{}',
  digest: 'one',
  description: undefined,
  compared: null,
  others: { count: 0, bytes: 0 },
  ...more,
});
const update = (more: object) => ({ type: 'update' as const, description: undefined, archived: undefined, ...more });
const created: EventTypeEvent = {
  type: 'event_type.created',
  data: { name: 'invoice.paid', format: 'json_schema', schema: '{}', schema_digest: 'one', description: null },
};
const added = (version: number, schema_digest = 'two'): EventTypeEvent => ({
  type: 'event_type.version_added',
  data: { version, schema: 'true', schema_digest },
});
const second = { schema: 'true', digest: 'two' };

it('is made with version 1, and told again changes nothing', () => {
  given().when(register()).thenEvents(created);
  given(created).when(register()).thenEvents();
  given(created)
    .when(register({ compared: { version: 1, breaks: [] } }))
    .thenEvents();
});

it('gets the next version where nothing breaks', () => {
  const state = given(created)
    .when(register({ ...second, compared: { version: 1, breaks: [] } }))
    .thenEvents(added(2));
  expect(state).toMatchObject({ version: 2, digest: 'two' });
});

it('gets none that breaks, nor one that was compared with another version, nor another format', () => {
  const breaks = [{ place: '/type', reason: 'null is not valid any more' }];
  given(created)
    .when(register({ ...second, compared: { version: 1, breaks } }))
    .thenRefused('event_schema_breaks');
  given(created, added(2))
    .when(register({ digest: 'three', compared: { version: 1, breaks: [] } }))
    .thenRefused('changed_meanwhile');
  given(created).when(register(second)).thenRefused('changed_meanwhile');
  given(created)
    .when(register({ format: 'avro' }))
    .thenRefused('event_schema_breaks');
});

it('has so many versions and no more', () => {
  const compared = { version: MOST_VERSIONS, breaks: [] };
  given(created, added(MOST_VERSIONS))
    .when(register({ digest: 'three', compared }))
    .thenRefused('too_many');
});

it('is described, archived and restored, once each', () => {
  given(created)
    .when(update({ description: 'Money came' }))
    .thenEvents({
      type: 'event_type.description_changed',
      data: { description: 'Money came' },
    });
  given(created)
    .when(update({ description: null }))
    .thenEvents();
  given(created)
    .when(update({ archived: true }))
    .thenEvents({ type: 'event_type.archived', data: {} });
  given(created)
    .when(update({ archived: false }))
    .thenEvents();
  given(created, { type: 'event_type.archived', data: {} })
    .when(update({ archived: false }))
    .thenEvents({ type: 'event_type.restored', data: {} });
  given()
    .when(update({ archived: true }))
    .thenRefused('not_found');
});

it('begins with being made', () => {
  expect(() => eventTypeDecider.evolve(null, added(2))).toThrow('first event is event_type.version_added');
});

it('is none more than a workspace may have, nor one whose schema is too long beside the others', () => {
  const full = { count: MOST_TYPES, bytes: 0 };
  given()
    .when(register({ others: full }))
    .thenRefused('too_many');
  given(created)
    .when(register({ others: full }))
    .thenEvents();
  const others = { count: 1, bytes: MOST_BYTES_OF_SCHEMAS - 2 };
  given().when(register({ others })).thenEvents(created);
  given()
    .when(register({ schema: 'true', others }))
    .thenRefused('too_many');
  given(created)
    .when(register({ ...second, compared: { version: 1, breaks: [] }, others }))
    .thenRefused('too_many');
});
