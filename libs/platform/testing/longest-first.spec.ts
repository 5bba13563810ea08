import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../postgres/package-root.js';
import LongestFirst, { LONGEST } from './longest-first.mjs';

it('the order of the tests names files that are there', () => {
  expect(Object.keys(LONGEST).filter((file) => !existsSync(join(packageRoot, file)))).toEqual([]);
});

it('the longest come first, and the others by their size', () => {
  const [longest] = Object.keys(LONGEST);
  const [small, large] = ['apps/heddle/main.ts', 'package-lock.json'];
  const tests = [small, large, longest].map((file) => ({ path: join(packageRoot, file!) }));
  expect(new LongestFirst().sort(tests)).toEqual([tests[2], tests[1], tests[0]]);
});
