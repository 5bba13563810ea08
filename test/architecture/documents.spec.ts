import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { DEFAULT_SCHEDULE } from '../../libs/domains/webhooks/endpoints/endpoint.state.js';
import { PROBLEMS } from '../../libs/platform/kernel/problem.js';
import { filesBelow } from './repository-files.js';
import { repositoryRoot } from './repository-root.js';

const SCREEN = 60;

function read(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8');
}

function foldersIn(path: string): string[] {
  return existsSync(join(repositoryRoot, path))
    ? readdirSync(join(repositoryRoot, path), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .filter((entry) => readdirSync(join(repositoryRoot, path, entry.name)).length > 0)
        .map(({ name }) => name)
    : [];
}

/** Targets of a page's links to files of the repository. */
function brokenLinks(page: string, text: string, exists: (path: string) => boolean): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!.split('#')[0]!)
    .filter((target) => target !== '' && !/^[a-z]+:|^\//.test(target))
    .filter((target) => !exists(normalize(join(dirname(page), target))));
}

/** Paths of the repository that a page names in backticks; one with a wildcard or a hole names many. */
function lostPaths(text: string, exists: (path: string) => boolean): string[] {
  return [...text.matchAll(/`((?:apps|bin|deploy|docs|examples|libs|schemas|scripts|test|\.ci)\/[\w./-]+)`/g)]
    .map((match) => match[1]!)
    .filter((path) => !exists(path));
}

/** The rows of the first table below a heading. */
function tableBelow(heading: string, text: string): string[][] {
  const [, below = ''] = text.split(`\n${heading}\n`);
  const [, rows = ''] = /\n\|[-|]+\|\n((?:\|.*\|\n)+)/.exec(below) ?? [];
  const lines = rows.split('\n').filter((line) => line !== '');
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

const SECONDS: Record<string, number> = { s: 1, min: 60, h: 3600, day: 86_400, days: 86_400 };

/** `3 days 10 h`, in seconds; NaN for what is no time. */
function secondsOf(text: string): number {
  if (!/^\d+ [a-z]+( \d+ [a-z]+)*$/.test(text)) return Number.NaN;
  const parts = [...text.matchAll(/(\d+) ([a-z]+)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit!] ?? Number.NaN), 0);
}

/** Whether a time is written so, rounded to the last of its units. */
function isShownAs(seconds: number, text: string): boolean {
  const unit = SECONDS[text.split(' ').at(-1)!] ?? Number.NaN;
  return Math.abs(seconds - secondsOf(text)) <= unit / 2;
}

describe('decision records', () => {
  const records = readdirSync(join(repositoryRoot, 'docs/decisions')).sort();

  it('are numbered without a gap', () => {
    expect(records.length).toBeGreaterThan(0);
    expect(records.map((name) => name.slice(0, 5))).toEqual(
      records.map((_, index) => `${String(index + 1).padStart(4, '0')}-`),
    );
  });

  it.each(records)('%s fits one screen and says what, why and what else there was', (name) => {
    const lines = read(`docs/decisions/${name}`).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(SCREEN);
    const headings = lines.filter((line) => line.startsWith('## '));
    expect(headings).toEqual(['## Decision', '## Why', '## Rejected', '## Price']);
  });
});

describe('the documents keep up with the code', () => {
  it('every problem code has its section in docs/problems.md, and no other has one', () => {
    const sections = [...read('docs/problems.md').matchAll(/^## (\S+)$/gm)].map((match) => match[1]!);
    expect([...sections].sort()).toEqual(Object.keys(PROBLEMS).sort());
  });

  it('every room of the building stands in docs/architecture.md, and no other', () => {
    const page = read('docs/architecture.md');
    const named = [...page.matchAll(/^\| `((?:apps|libs)\/[a-z-]+(?:\/[a-z-]+)?)`/gm)].map((match) => match[1]!);
    const rooms = [
      ...foldersIn('apps').map((name) => `apps/${name}`),
      'libs/contract',
      ...foldersIn('libs/domains').map((name) => `libs/domains/${name}`),
      ...foldersIn('libs/platform').map((name) => `libs/platform/${name}`),
    ];
    expect([...named].sort()).toEqual(rooms.sort());
  });

  it('the published waits between attempts of webhooks are those that are made', () => {
    const rows = tableBelow('## Retries', read('docs/webhook-receivers.md'));
    const [first, ...further] = rows;
    expect(first).toEqual(['1', '', 'at once']);
    expect(further.map(([attempt]) => Number(attempt))).toEqual(DEFAULT_SCHEDULE.map((_, n) => n + 2));
    expect(further.map(([, wait]) => secondsOf(wait!))).toEqual(DEFAULT_SCHEDULE);
    let after = 0;
    for (const [n, [, , sinceFirst]] of further.entries()) {
      after += DEFAULT_SCHEDULE[n]!;
      expect([sinceFirst, isShownAs(after, sinceFirst!)]).toEqual([sinceFirst, true]);
    }
  });

  it('every link between pages leads to a file', () => {
    const pages = filesBelow(repositoryRoot).filter((path) => path.endsWith('.md'));
    expect(pages).toContain('docs/architecture.md');
    const broken = pages.flatMap((page) =>
      brokenLinks(page, read(page), (path) => existsSync(join(repositoryRoot, path))).map((to) => `${page} → ${to}`),
    );
    expect(broken).toEqual([]);
  });

  it('every path that a page names is there', () => {
    const pages = filesBelow(repositoryRoot).filter((path) => path.endsWith('.md'));
    const lost = pages.flatMap((page) =>
      lostPaths(read(page), (path) => existsSync(join(repositoryRoot, path))).map((path) => `${page} → ${path}`),
    );
    expect(lost).toEqual([]);
  });

  it('a path that is not there is seen', () => {
    const text = '`libs/a/b.ts`, `docs/c.md`, `npm test`, `libs/*/d.ts`, `schemas/<domain>/`, `HEDDLE_LOG`';
    expect(lostPaths(text, (path) => path === 'docs/c.md')).toEqual(['libs/a/b.ts']);
  });

  it('a time of a table that is another one is seen', () => {
    const table = tableBelow('## A', '\n## A\n\n| b | c |\n|---|---|\n| 1 | 2 min 40 s |\n| 2 | |\n\n| d |\n');
    expect(table).toEqual([
      ['1', '2 min 40 s'],
      ['2', ''],
    ]);
    expect(['10 s', '2 min 40 s', '3 days 10 h', '1 week', 'soon'].map(secondsOf)).toEqual([
      ...[10, 160, 295_200],
      ...[Number.NaN, Number.NaN],
    ]);
    const shown = (text: string) => [296_999, 297_001].map((seconds) => isShownAs(seconds, text));
    expect([shown('3 days 10 h'), shown('82 h 30 min'), shown('soon')]).toEqual([
      [true, false],
      [true, true],
      [false, false],
    ]);
  });

  it('a broken link is seen', () => {
    const text = '[a](b.md#c) [d](../e.md) [f](https://g.example/h) [i](#j)';
    expect(brokenLinks('docs/a.md', text, (path) => path === 'docs/b.md')).toEqual(['../e.md']);
  });
});
