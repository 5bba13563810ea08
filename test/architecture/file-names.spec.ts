import { saysWhatIsInIt } from './file-names.js';
import { filesBelow } from './repository-files.js';
import { repositoryRoot } from './repository-root.js';

const SOURCES = /^(apps|bin|libs|scripts|test)\/.*\.(ts|mjs|js)$/;

describe('a file is named for the one thing in it', () => {
  it('and none for a heap of things', () => {
    const sources = filesBelow(repositoryRoot).filter((path) => SOURCES.test(path));
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.filter((path) => !saysWhatIsInIt(path))).toEqual([]);
  });

  it.each([
    'utils.ts',
    'date-utils.ts',
    'libs/a/stringHelpers.ts',
    'common.spec.ts',
    'ConnectionManager.ts',
    'index.ts',
  ])('%s is refused', (path) => expect(saysWhatIsInIt(path)).toBe(false));

  it.each(['binary-array.ts', 'commands/heads.ts', 'commonwealth.ts', 'test/bench/main.ts'])('%s is fine', (path) =>
    expect(saysWhatIsInIt(path)).toBe(true),
  );
});
