import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROBLEMS } from '../../libs/platform/kernel/problem.js';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import { problemsPage } from './problems.js';

describe('docs/problems.md', () => {
  it('is what the registry makes; npm run generate writes it', () => {
    const { path, text } = problemsPage();
    expect(readFileSync(join(packageRoot, path), 'utf8')).toBe(text);
  });

  it('has a heading for every code', () => {
    const headings = [...problemsPage().text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
    expect(headings).toEqual(Object.keys(PROBLEMS));
  });
});
