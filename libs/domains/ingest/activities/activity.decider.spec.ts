import { newId } from '../../../platform/kernel/id.js';
import { specify } from '../../../platform/testing/decider-specification.js';
import { activityAggregate } from './activity.aggregate.js';
import type { RecordActivity } from './activity.commands.js';
import { activityDecider, FUTURE_UP_TO_MS, LATE_AFTER_MS, PAST_UP_TO_MS } from './activity.decider.js';
import type { ActivityEvent } from './activity.events.js';
import { activityStreamOf } from './activity-stream.js';

const given = specify(activityDecider);
const NOW = Date.UTC(2026, 10, 22);
const record = (more: Partial<RecordActivity> = {}): RecordActivity => ({
  type: 'record',
  activityType: 'invoice.paid',
  typeVersion: null,
  source: 'api',
  deduplicationKey: null,
  externalId: null,
  subjectType: 'customer',
  subjectId: 'cus_1',
  customerId: 'cus_1',
  unknownCustomer: null,
  occurredAt: null,
  now: NOW,
  data: '{}',
  ...more,
});
const recorded = (timing: string, occurredAt: number): ActivityEvent => ({
  type: 'activity.recorded',
  occurredAt,
  data: {
    activity_type: 'invoice.paid',
    type_version: null,
    source: 'api',
    deduplication_key: null,
    external_id: null,
    subject_type: 'customer',
    subject_id: 'cus_1',
    customer_id: 'cus_1',
    unknown_customer: null,
    timing,
    data: '{}',
  },
});

it('is one event, whatever was told before', () => {
  const event = recorded('on_time', NOW);
  expect(given().when(record()).thenEvents(event)).toEqual({ customer: 'cus_1' });
  given(event, event).when(record()).thenEvents(event);
});

it.each([
  ['on_time', -LATE_AFTER_MS],
  ['late', -LATE_AFTER_MS - 1],
  ['late', -PAST_UP_TO_MS],
  ['on_time', 60_000],
  ['future', 60_001],
  ['future', FUTURE_UP_TO_MS],
])('is %s %d ms from now', (timing, ms) => {
  given()
    .when(record({ occurredAt: NOW + ms }))
    .thenEvents(recorded(timing, NOW + ms));
});

it.each([-PAST_UP_TO_MS - 1, FUTURE_UP_TO_MS + 1])('is refused %d ms from now', (ms) => {
  given()
    .when(record({ occurredAt: NOW + ms }))
    .thenRefused('invalid_value');
});

it('is sealed with the key of its customer, or of its own stream', () => {
  expect(activityAggregate.subjectOf({ customer: 'cus_1' }, 'act_1')).toBe('cus_1');
  expect(activityAggregate.subjectOf({ customer: null }, 'act_1')).toBe('act_1');
});

it('takes the name of a customer whom nobody knew, for them', () => {
  const event = recorded('on_time', NOW);
  const named = { ...event, data: { ...event.data, unknown_customer: 'shop-1' } };
  expect(activityAggregate.claimsOf!(event, 'act_1')).toEqual([]);
  expect(activityAggregate.claimsOf!(named, 'act_1')).toEqual([{ kind: 'customer', value: 'shop-1', stream: 'cus_1' }]);
});

it('stands on a stream that follows from its subject, and is a uuid of version 7 again', () => {
  const subjects = Array.from({ length: 1000 }, () => newId('cus'));
  const streams = subjects.map(activityStreamOf);
  for (const stream of streams) expect(stream).toMatch(/^act_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  expect(new Set(streams).size).toBe(1000);
  expect(subjects.map(activityStreamOf)).toEqual(streams);
  expect(activityStreamOf('cus_0198f2c0a1b27c3d8e4f5a6b7c8d9e0f')).toBe('act_0198f2c0a1b27c3da5314f7d54234ca9');
});
