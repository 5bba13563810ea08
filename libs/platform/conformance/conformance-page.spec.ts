import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../postgres/package-root.js';
import { AREAS } from './all-cases.js';
import { BROKEN_ENGINES } from './broken/all-broken-engines.js';
import { conformancePage } from './conformance-page.js';

const PAGE = join(packageRoot, 'docs/conformance.md');
const cases = AREAS.flatMap((area) => area.cases);
const repeated = (texts: readonly string[]) => texts.filter((text, i) => texts.indexOf(text) !== i);

it('has at least sixty cases, none a copy of another, each with a mutation of its own', () => {
  expect(cases.length).toBeGreaterThanOrEqual(60);
  expect(repeated(cases.map(({ name }) => name))).toEqual([]);
  expect(repeated(cases.map(({ mutation }) => mutation))).toEqual([]);
});

it('has a broken engine for a dozen cases and more, each for a case of its part', () => {
  for (const [title, engines] of Object.entries(BROKEN_ENGINES)) {
    const theirs = AREAS.find((area) => area.title === title)!.cases.map(({ name }) => name);
    for (const { caughtBy } of engines) expect(theirs).toContain(caughtBy);
  }
  const all = Object.values(BROKEN_ENGINES).flat();
  expect(repeated(all.map(({ caughtBy }) => caughtBy))).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(12);
});

it('stands in docs/conformance.md as it is (HEDDLE_WRITE_DOCS=1 with this spec writes the page)', () => {
  if (process.env.HEDDLE_WRITE_DOCS === '1') writeFileSync(PAGE, conformancePage());
  expect(readFileSync(PAGE, 'utf8')).toBe(conformancePage());
});
