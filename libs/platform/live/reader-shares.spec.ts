import { MOST_OF_KEY, MOST_OF_WORKSPACE, ReaderShares } from './reader-shares.js';

const own = (n: number, workspace = 'wsp_1') => ({ workspace, key: `key_${n}` });

it('are bounded for a key, and there is room again when one goes', () => {
  const shares = new ReaderShares('streams');
  const given = Array.from({ length: MOST_OF_KEY }, () => shares.take(own(1)));
  expect(() => shares.take(own(1))).toThrow(expect.objectContaining({ code: 'rate_limited' }));
  shares.take(own(2));
  expect(shares.size).toBe(MOST_OF_KEY + 1);
  given[0]!();
  expect(shares.size).toBe(MOST_OF_KEY);
  shares.take(own(1));
  expect(() => shares.take(own(1))).toThrow(`This key has ${MOST_OF_KEY} streams of this process`);
});

it('are bounded for a workspace, and leave the others theirs', () => {
  const shares = new ReaderShares('streams');
  for (let n = 0; n < MOST_OF_WORKSPACE; n++) shares.take(own(n));
  expect(() => shares.take(own(MOST_OF_WORKSPACE))).toThrow('This workspace');
  shares.take(own(MOST_OF_WORKSPACE, 'wsp_2'));
});
