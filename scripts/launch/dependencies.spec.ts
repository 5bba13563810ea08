import { isLockFor, missingPackages } from './dependencies.mjs';

const linux = { platform: 'linux', arch: 'x64' };
const lock = {
  packages: {
    '': { dependencies: { a: '1.0.0' } },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/a/node_modules/b': { version: '2.0.0' },
    'node_modules/ours': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
    'node_modules/theirs': { version: '1.0.0', optional: true, os: ['darwin'], cpu: ['arm64'] },
    'node_modules/maybe': { version: '1.0.0', optional: true },
  },
};

describe('the installed packages', () => {
  const { '': _root, 'node_modules/theirs': _theirs, 'node_modules/maybe': _maybe, ...needed } = lock.packages;

  test('are complete without what is for another platform', () => {
    expect(missingPackages(lock, { packages: needed }, linux)).toEqual([]);
  });

  test('lack a package that is not there, is older, or is the binary of this platform', () => {
    expect(missingPackages(lock, {}, linux)).toEqual(['a', 'b', 'ours']);
    const older = { ...needed, 'node_modules/a/node_modules/b': { version: '1.9.0' } };
    expect(missingPackages(lock, { packages: older }, linux)).toEqual(['b']);
    const { 'node_modules/ours': _ours, ...without } = needed;
    expect(missingPackages(lock, { packages: without }, linux)).toEqual(['ours']);
    expect(missingPackages(lock, { packages: needed }, { platform: 'darwin', arch: 'arm64' })).toEqual(['theirs']);
  });
});

test('a lock file fits the manifest that asks for the same versions of the same packages', () => {
  expect(isLockFor({ dependencies: { a: '1.0.0' } }, lock)).toBe(true);
  expect(isLockFor({ dependencies: { a: '1.0.1' } }, lock)).toBe(false);
  expect(isLockFor({ dependencies: { a: '1.0.0', c: '1.0.0' } }, lock)).toBe(false);
  expect(isLockFor({ dependencies: { a: '1.0.0' }, devDependencies: { d: '1.0.0' } }, lock)).toBe(false);
  expect(isLockFor({}, lock)).toBe(false);
});
