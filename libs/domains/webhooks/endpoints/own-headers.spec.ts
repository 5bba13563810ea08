import { headersField, headerValueField, isSameHeaders, patchedHeaders } from './own-headers.js';

const field = headersField(headerValueField);
const takes = (headers: unknown) => field.safeParse(headers).success;
const named = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`X-${i}`, 'v']));

it.each([[{}], [{ 'X-Token': 'Bearer abc', accept: 'text/plain' }], [{ 'X-Long': 'v'.repeat(1000) }], [named(20)]])(
  'takes %j',
  (headers) => {
    expect(takes(headers)).toBe(true);
  },
);

it.each([
  ['a name with a space', { 'X Token': 'v' }],
  ['a name with a colon', { 'X:': 'v' }],
  ['no name', { '': 'v' }],
  ['a line break in a value', { 'X-Token': 'v\r\nX-Other: w' }],
  ['a value that is not ASCII', { 'X-Token': 'é' }],
  ['a value with a space at its end', { 'X-Token': 'v ' }],
  ['no value', { 'X-Token': '' }],
  ['a value that is too long', { 'X-Token': 'v'.repeat(1001) }],
  ['more than twenty', named(21)],
])('%s is refused', (_, headers) => {
  expect(takes(headers)).toBe(false);
});

it('are patched by name, whatever its case', () => {
  const headers = [
    ['X-A', '1'],
    ['X-B', '2'],
  ] as const;
  expect(patchedHeaders(headers, { 'x-a': '3', 'X-C': '4' })).toEqual([
    ['X-B', '2'],
    ['x-a', '3'],
    ['X-C', '4'],
  ]);
  expect(patchedHeaders(headers, { 'X-A': null, 'X-D': null })).toEqual([['X-B', '2']]);
  expect(patchedHeaders(headers, {})).toEqual(headers);
  expect(patchedHeaders(headers, null)).toEqual([]);
});

it.each<[Record<string, string | null>]>([
  [{ Host: 'v' }],
  [{ 'content-length': 'v' }],
  [{ 'Content-Type': 'v' }],
  [{ 'transfer-encoding': null }],
  [{ connection: 'v' }],
  [{ 'user-agent': 'v' }],
  [{ 'Webhook-Id': 'v' }],
  [{ 'webhook-signature': 'v' }],
  [{ 'heddle-attempt': 'v' }],
  [{ 'Proxy-Authorization': 'v' }],
  [{ 'X-Token': 'v', 'x-token': 'w' }],
  [{ 'X-Token': 'v', 'x-token': null }],
  [named(19)],
])('do not become %j', (patch) => {
  const headers = [
    ['X-A', '1'],
    ['X-B', '2'],
  ] as const;
  expect(() => patchedHeaders(headers, patch)).toThrow(expect.objectContaining({ code: 'invalid_value' }));
});

it('are the same in any order', () => {
  const [a, b] = [
    ['X-A', '1'],
    ['X-B', '2'],
  ] as const;
  expect(isSameHeaders([a, b], [b, a])).toBe(true);
  expect(isSameHeaders([a, b], [a])).toBe(false);
  expect(isSameHeaders([a], [['X-A', '2']])).toBe(false);
});
