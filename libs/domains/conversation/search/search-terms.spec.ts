import { searchTerms } from './search-terms.js';

it.each([
  ['broken lamp', ['word broken', 'word lamp']],
  ['"broken lamp" -desk wea*', ['phrase broken lamp', 'without desk', 'prefix wea']],
  ['-"two words" x', ['without two words', 'word x']],
  ['w* ab*', ['word w', 'prefix ab']],
  ['"never closed', ['phrase never closed']],
  ['say"hello"there', ['word say', 'phrase hello', 'word there']],
  ["' & | ! :* ()", []],
  ['', []],
  ['well-known', ['word well-known']],
])('reads %j', (text, terms) => {
  expect(searchTerms(text).map((term) => `${term.kind} ${term.text}`)).toEqual(terms);
});
