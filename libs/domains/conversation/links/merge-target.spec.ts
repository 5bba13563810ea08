import { targetOf } from './link.queries.js';

const step = (from: string, into: string) => ({ from, into });

describe('where a conversation goes on', () => {
  it('is itself where it was not merged', () => {
    expect(targetOf('a', [])).toEqual({ id: 'a', despite: null });
  });

  it('is the end of its merges', () => {
    expect(targetOf('a', [step('a', 'b'), step('b', 'c')])).toEqual({ id: 'c', despite: null });
  });

  it.each(['a', 'b', 'c'])('is the oldest of a round, from %s as from the others', (id) => {
    expect(targetOf(id, [step('a', 'b'), step('b', 'c'), step('c', 'a')])).toEqual({ id: 'a', despite: 'b' });
  });

  it('is the oldest of a round that it only leads to', () => {
    expect(targetOf('0', [step('0', 'c'), step('c', 'b'), step('b', 'c')])).toEqual({ id: 'b', despite: 'c' });
  });
});
