import fc from 'fast-check';
import { metaOf } from '../event-codec/event-codec.fixture.js';
import { eventJson, eventLine, timeText } from './event-json.js';
import { toResource } from './stream-history.js';

const CURSOR = 'AgAAAA';

it('says what the resource says, whatever the data are', () => {
  const texts = fc.record({ text: fc.string({ unit: 'binary' }), none: fc.constant(null), deep: fc.jsonValue() });
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 2 ** 50 }), (data, position) => {
      const event = { type: 'message.created', meta: metaOf('message.created'), data, position };
      const resource = JSON.parse(JSON.stringify(toResource(position, event)));
      expect(JSON.parse(eventJson(event))).toEqual(resource);
      expect(JSON.parse(eventLine(event, CURSOR))).toEqual({ ...resource, cursor: CURSOR });
      expect(eventLine(event, CURSOR)).not.toMatch(/[\n\r]/);
    }),
  );
});

it('shows for whom an actor acted', () => {
  const actor = { type: 'ai_agent', id: 'aia_1', on_behalf_of: { type: 'user', id: 'usr_1' } };
  const event = { type: 'message.created', meta: { ...metaOf('message.created'), actor }, data: {}, position: 1 };
  expect(JSON.parse(eventJson(event)).actor).toEqual(actor);
});

it.each([
  ['{"a": 1}', { a: 1 }],
  ['{\n  "a": [1,\r\n 2]\n}', { a: [1, 2] }],
  ['"a text"', 'a text'],
  ['null', null],
  ['erased', 'erased'],
  ['redacted', 'redacted'],
])('shows what is kept as JSON as what it says, on one line: %j', (data, said) => {
  const event = { type: 'activity.recorded', meta: metaOf('activity.recorded'), data: { data }, position: 1 };
  expect(JSON.parse(eventJson(event)).data).toEqual({ data: said });
  expect(eventLine(event, CURSOR)).not.toMatch(/[\n\r]/);
});

it('shows times in UTC', () => {
  const shown = (until: number | null) => {
    const event = { type: 'conversation.snoozed', meta: metaOf('conversation.snoozed'), data: { until }, position: 1 };
    return JSON.parse(eventJson(event)).data;
  };
  expect(shown(1_767_348_245_678)).toEqual({ until: '2026-01-02T10:04:05.678Z' });
  expect(shown(null)).toEqual({ until: null });
});

it('shows nobody the hash of a key', () => {
  // Longer than what a random id can hold.
  const hash = '00ff'.repeat(8);
  const data = { name: 'x', secret_hash: Buffer.from(hash, 'hex') };
  const event = { type: 'api_key.created', meta: metaOf('api_key.created'), data, position: 1 };
  expect(JSON.parse(eventJson(event)).data).toEqual({ name: 'x' });
  expect(JSON.parse(JSON.stringify(toResource(1, event)))).toMatchObject({ data: { name: 'x' } });
  expect(eventJson(event)).not.toContain(hash);
});

it('has times as Date has them', () => {
  const ms = fc.oneof(
    fc.integer({ min: Date.parse('0001-01-01T00:00:00Z'), max: Date.parse('9999-12-31T23:59:59.999Z') }),
    fc.constantFrom(0, -1, 1, 999, 1000, 86_399_999, 86_400_000, -86_400_000),
  );
  fc.assert(fc.property(ms, (time) => expect(timeText(time)).toBe(new Date(time).toISOString())));
});
