import { TOO_LARGE } from '../kafka/fetch-answers.js';
import { groupOf } from './inbound-topics.js';
import { partsOf, recordOf, textsOf, timeOf } from './topic-consumer.js';

test.each([
  ['0', '1970-01-01T00:00:00.000Z'],
  ['-1', '1969-12-31T23:59:59.999Z'],
  ['1795348800000', '2026-11-22T12:00:00.000Z'],
  // Nanoseconds, and what no producer means.
  ['1795348800123456789', '9999-12-31T23:59:59.999Z'],
  ['-9223372036854775808', '0001-01-01T00:00:00.000Z'],
])('a record of the time %s has one that can be kept', (timestamp, time) => {
  expect(new Date(timeOf(timestamp)).toISOString()).toBe(time);
});

test('records are taken 1,000 at once, and so many that the store takes them within seconds', () => {
  const small = { value: null };
  const large = { value: Buffer.alloc(3 * 1024 * 1024) };
  const lengthsOf = (messages: { value: Buffer | null }[]) => partsOf(messages).map(({ length }) => length);
  expect(lengthsOf([])).toEqual([]);
  expect(lengthsOf(Array(2001).fill(small))).toEqual([1000, 1000, 1]);
  expect(lengthsOf([small, large, large, small, large])).toEqual([2, 2, 1]);
});

test('of headers so much is read as somebody may look for', () => {
  const long = Buffer.alloc(60_000, 'x');
  const texts = textsOf({
    'Content-Type': [Buffer.from('a'), Buffer.from('b')],
    empty: undefined,
    long,
    more: long,
    ce_id: '1',
  });
  expect(texts).toEqual({ 'content-type': 'b', empty: '', long: String(long) });
});

test('of a record that stands for what was not read there is no value, but why', () => {
  const message = { key: null, offset: '7', timestamp: '0', attributes: 0, headers: {} };
  const read = recordOf('t', 1, { ...message, value: Buffer.from('v') });
  expect(read).toEqual({ topic: 't', partition: 1, offset: '7', timestamp: 0, value: Buffer.from('v'), headers: {} });
  expect(recordOf('t', 1, { ...message, value: TOO_LARGE })).toMatchObject({
    value: null,
    unread: expect.stringContaining('16 MiB'),
  });
  const likeIt = Buffer.from(TOO_LARGE);
  expect(recordOf('t', 1, { ...message, value: likeIt })).toMatchObject({ value: likeIt });
  expect(recordOf('t', 1, { ...message, value: likeIt })).not.toHaveProperty('unread');
});

test('a store that was put back reads in another group, which has no offsets yet', () => {
  const store = '0123456789abcdef0123456789abcdef';
  expect([1, 2, 3].map((life) => groupOf('heddle.ingest.raw', store, life))).toEqual([
    'heddle.ingest.raw.01234567',
    'heddle.ingest.raw.01234567.2',
    'heddle.ingest.raw.01234567.3',
  ]);
});
