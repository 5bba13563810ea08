import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './cursor.js';
import type { StoreIdentity } from './epoch.js';

const ID = 'a1b2c3d4'.padEnd(32, '0');
const OURS = `wsp_${'0123456789abcdef'.repeat(2)}`;
const THEIRS = `wsp_${'0123456789abcdee'.repeat(2)}`;
const OF_OURS = { workspace: OURS };
const store = (...forks: number[]): StoreIdentity => ({
  id: ID,
  epochs: forks.map((forkPosition, i) => ({ epoch: i + 1, forkPosition })),
  awaitsKafka: false,
});
const codeOf = (work: () => unknown) => {
  try {
    work();
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

it('keeps every place', () => {
  const position = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  const seq = fc.option(fc.integer({ min: 1, max: 2 ** 31 - 1 }), { nil: undefined });
  fc.assert(
    fc.property(position, seq, (position, seq) => {
      const place = seq === undefined ? { position } : { position, seq };
      expect(decodeCursor(store(0), encodeCursor(store(0), place, OURS), OF_OURS)).toEqual(place);
    }),
  );
});

it('is a word that needs no escaping in a URL or a header', () => {
  expect(encodeCursor(store(0), { position: 2 ** 53 - 1, seq: 2 ** 31 - 1 }, OURS)).toMatch(/^[A-Za-z0-9_-]{31}$/);
});

it('is refused where this store did not give it', () => {
  const good = encodeCursor(store(0), { position: 7 }, OURS);
  const foreign = encodeCursor({ ...store(0), id: 'ffffffff'.padEnd(32, '0') }, { position: 7 }, OURS);
  for (const text of [
    '',
    'x',
    good.slice(1),
    `${good}A`,
    `${good}==`,
    foreign,
    good.replace(/^./, 'B'),
    good.slice(0, 26),
  ]) {
    expect([text, codeOf(() => decodeCursor(store(0), text, OF_OURS))]).toEqual([text, 'invalid_cursor']);
  }
});

it('is refused with a seq that no stream has', () => {
  const made = Buffer.from(encodeCursor(store(0), { position: 7, seq: 3 }, OURS), 'base64url');
  made.writeUInt32BE(2 ** 31, 15);
  expect(codeOf(() => decodeCursor(store(0), made.toString('base64url'), OF_OURS))).toBe('invalid_cursor');
});

it('never fails in another way, whatever is sent', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      expect([null, 'invalid_cursor']).toContain(codeOf(() => decodeCursor(store(0), text, OF_OURS)));
    }),
  );
});

describe('after the store was restored to position 100, and later to 50', () => {
  const [first, second, third] = [store(0), store(0, 100), store(0, 100, 50)];

  it.each([
    [first, 100, second, null],
    [first, 101, second, 'cursor_diverged'],
    [second, 101, second, null],
    [second, 5000, second, null],
    [first, 60, third, 'cursor_diverged'],
    [second, 51, third, 'cursor_diverged'],
    [first, 50, third, null],
    [second, 50, third, null],
    [third, 51, third, null],
  ])('case %#: a cursor that has seen what was undone is refused, and no other', (given, position, now, code) => {
    expect(codeOf(() => decodeCursor(now, encodeCursor(given, { position }, OURS), OF_OURS))).toBe(code);
  });
});

it('names the field that holds what is no cursor', () => {
  expect(() => decodeCursor(store(0), 'zzz', OF_OURS)).toThrow(
    /: The cursor is not one .* Begin again without a cursor\.$/,
  );
  expect(() => decodeCursor(store(0), 'zzz', { workspace: null, field: 'wait_for' })).toThrow(
    /`wait_for` is not one .* Send the `Heddle-Position`/,
  );
});

it('is refused in another workspace than the one that it was given', () => {
  const theirs = encodeCursor(store(0), { position: 7 }, THEIRS);
  expect(() => decodeCursor(store(0), theirs, OF_OURS)).toThrow(
    /^invalid_cursor: The cursor is from another workspace/,
  );
  expect(decodeCursor(store(0), theirs, { workspace: null })).toEqual({ position: 7 });
});

it('is taken as it was given before cursors were of a workspace', () => {
  const unbound = encodeCursor(store(0), { position: 7, seq: 3 }, null);
  expect(unbound).toHaveLength(26);
  expect(decodeCursor(store(0), unbound, OF_OURS)).toEqual({ position: 7, seq: 3 });
});
