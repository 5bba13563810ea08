import fc from 'fast-check';
import { endOfChain } from './chain.js';

const pointers = (text: string) => new Map(text.split(' ').map((pair) => pair.split('>') as [string, string]));

it('is its end', () => {
  const next = pointers('a>b b>c d>c');
  expect(['a', 'b', 'c', 'd', 'e'].map((id) => endOfChain(id, next))).toEqual(['c', 'c', 'c', 'c', 'e']);
});

it('is the least of a ring, for those in it and those who get into it', () => {
  const next = pointers('a>c c>d d>b b>c');
  expect(['a', 'b', 'c', 'd'].map((id) => endOfChain(id, next))).toEqual(['b', 'b', 'b', 'b']);
  expect(endOfChain('x', pointers('x>x'))).toBe('x');
});

it('is the same for all that lead to one another, however they point', () => {
  const edge = fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }));
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 20 }), (edges) => {
      const next = new Map(edges.map(([from, to]) => [String(from), String(to)]));
      for (const [from, to] of next) expect(endOfChain(from, next)).toBe(endOfChain(to, next));
      const end = endOfChain('0', next);
      expect(endOfChain(end, next)).toBe(end);
    }),
  );
});
