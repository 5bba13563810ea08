import { differences, tally } from './reader-judge.js';

const row = (stream: string, seq: number, type = 'x') => ({ stream, seq, type });
const LOG = [row('a', 1), row('b', 1), row('a', 2), row('b', 2)];
const came = (...rows: typeof LOG) => rows.map((one) => ({ ...one, stream: `conv_${one.stream}` }));
const found = (heard: typeof LOG) => tally(differences(heard, LOG));

it('finds nothing where a reader has all, in order within each stream', () => {
  expect(differences(came(...LOG), LOG)).toEqual([]);
  expect(differences(came(row('b', 1), row('b', 2), row('a', 1), row('a', 2)), LOG)).toEqual([]);
});

it('finds what was lost, doubled, swapped, made up and altered', () => {
  expect(found(came(...LOG.slice(1)))).toBe('lost 1');
  expect(found(came(...LOG, row('b', 2)))).toBe('twice 1, swapped 1');
  expect(found(came(row('a', 2), row('a', 1), row('b', 1), row('b', 2)))).toBe('swapped 1');
  expect(found(came(...LOG, row('c', 1)))).toBe('impossible 1');
  expect(found(came(...LOG.slice(0, 3), row('b', 2, 'y')))).toBe('altered 1');
});
