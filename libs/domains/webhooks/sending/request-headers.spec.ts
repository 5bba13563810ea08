import { faultOf, headerFault } from './request-headers.js';

test.each([
  ['authorization', 'Bearer abc'],
  ['X-Own', ''],
  ["a!#$%&'*+.^_`|~-9", 'tab\tand blank'],
  ['x-own', 'Grüße'],
])('%s: %s can be sent', (name, value) => {
  expect(headerFault(name, value)).toBeNull();
});

test.each([
  ['', 'x', /^A header has a name/],
  ['a b', 'x', /^A header has a name/],
  ['a:', 'x', /^A header has a name/],
  ['größe', 'x', /^A header has a name/],
  ['a\r\nb', 'x', /^A header has a name/],
  ['x-own', 'a\r\nhost: b', /^The value of the header x-own /],
  ['x-own', 'a\0', /^The value of the header x-own /],
  ['x-own', '世界', /^The value of the header x-own /],
  ['Host', 'b', /^The header Host is made with the request: /],
  ['content-length', '1', /^The header content-length is made/],
  ['Transfer-Encoding', 'chunked', /^The header Transfer-Encoding is made/],
  ['connection', 'close', /^The header connection is made/],
  ['expect', '100-continue', /^The header expect is made/],
])('%j: %j cannot', (name, value, sentence) => {
  expect(headerFault(name, value)).toMatch(sentence);
  expect(faultOf(['a', 'b', name, value])).toMatch(sentence);
});

test('names and values come in turn', () => {
  expect(faultOf([])).toBeNull();
  expect(faultOf(['a', 'b', 'c', 'd'])).toBeNull();
  expect(faultOf(['a', 'b', 'c'])).toBe('A header has no value.');
});
