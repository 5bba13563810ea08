import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { breachesIn, importRules } from './import-rules.js';
import { repositoryRoot } from './repository-root.js';

/** For each rule the smallest tree that breaks it, and that no other rule minds. */
const PLANTED: Record<string, Record<string, string>> = {
  'no-cycle': {
    'libs/platform/feed/a.ts': "import { b } from './b.js'; export const a = b;",
    'libs/platform/feed/b.ts': "import type { a } from './a.js'; export const b: typeof a | 1 = 1;",
  },
  'nobody-knows-a-process': {
    'apps/heddle/main.ts': 'export const main = 1;',
    'libs/platform/feed/a.ts': "import { main } from '../../../apps/heddle/main.js'; export const a = main;",
  },
  'no-domain-knows-another': {
    'libs/domains/access/key.ts': 'export type Key = 1;',
    'libs/domains/conversation/a.ts': "import type { Key } from '../access/key.js'; export const a: Key = 1;",
  },
  'platform-knows-no-domain': {
    'libs/domains/access/key.ts': 'export type Key = 1;',
    'libs/platform/http/a.ts': "import type { Key } from '../../domains/access/key.js'; export const a: Key = 1;",
  },
  'contract-knows-only-the-kernel': {
    'libs/contract/a.ts': "import { b } from '../platform/http/b.js'; export const a = b;",
    'libs/platform/http/b.ts': 'export const b = 1;',
  },
  'kernel-knows-nothing': {
    'libs/platform/kernel/a.ts': "import { b } from '../http/b.js'; export const a = b;",
    'libs/platform/http/b.ts': 'export const b = 1;',
  },
  'decider-is-pure': {
    'libs/domains/user/user.decider.ts': "import { randomUUID } from 'node:crypto'; export const decide = randomUUID;",
  },
  'decider-takes-types-of-the-contract': {
    'libs/contract/a.ts': 'export const a = 1;',
    'libs/domains/user/user.decider.ts': "import { a } from '../../contract/a.js'; export const decide = a;",
  },
  'controller-knows-no-log': {
    'libs/platform/event-log/log.ts': 'export const log = 1;',
    'libs/domains/user/user.controller.ts':
      "import { log } from '../../platform/event-log/log.js'; export const a = log;",
  },
  'projection-knows-no-command': {
    'libs/domains/user/user.commands.ts': 'export type Make = 1;',
    'libs/domains/user/users.projection.ts':
      "import type { Make } from './user.commands.js'; export const a: Make = 1;",
  },
  'judge-knows-nothing-of-the-accused': {
    'libs/platform/http/b.ts': 'export const b = 1;',
    'test/bench/a.ts': "import { b } from '../../libs/platform/http/b.js'; export const a = b;",
  },
  'product-knows-no-test': {
    'libs/platform/testing/a.ts': 'export const a = 1;',
    'libs/platform/http/b.ts': "import { a } from '../testing/a.js'; export const b = a;",
  },
  'product-needs-no-development-package': {
    'node_modules/tool/package.json': '{"name":"tool","version":"1.0.0","main":"index.js"}',
    'node_modules/tool/index.js': 'module.exports = 1;',
    'libs/platform/http/b.ts': "import tool from 'tool'; export const b = tool;",
  },
  'import-leads-somewhere': {
    'libs/platform/http/b.ts': "import { a } from './nowhere.js'; export const b = a;",
  },
};

/** What every rule lets pass. */
const SOUND: Record<string, string> = {
  'libs/platform/kernel/id.ts': 'export const id = 1;',
  'libs/contract/events.ts': "import type { id } from '../platform/kernel/id.js'; export type Event = typeof id;",
  'libs/domains/user/user.commands.ts': 'export type Make = 1;',
  'libs/domains/user/user.events.ts': "export type { Event } from '../../contract/events.js';",
  'libs/domains/user/user.decider.ts':
    "import { id } from '../../platform/kernel/id.js'; import type { Event } from '../../contract/events.js'; import type { Make } from './user.commands.js'; export const decide = (make: Make): Event => (make + id) as Event;",
  'libs/domains/user/user.decider.spec.ts':
    "import { decide } from './user.decider.js'; it('decides', () => decide(1));",
  'apps/heddle/main.ts': "import { decide } from '../../libs/domains/user/user.decider.js'; decide(1);",
};

const folders = ['apps', 'libs', 'test'];

describe('the arrows between files', () => {
  it('point the way the architecture says', async () => {
    const { breaches, files } = await breachesIn(repositoryRoot, ['apps', 'libs', 'scripts', 'test']);
    expect(breaches.map(({ where, sentence }) => `${where}: ${sentence}`)).toEqual([]);
    expect(files).toBeGreaterThan(100);
  });

  it('have a planted fault for every rule', async () => {
    const { forbidden } = await importRules();
    expect(Object.keys(PLANTED)).toEqual(forbidden.map(({ name }) => name));
  });

  describe('in a planted tree', () => {
    let tree: string;

    beforeEach(() => {
      tree = mkdtempSync(join(tmpdir(), 'heddle-arrows-'));
    });
    afterEach(() => rmSync(tree, { recursive: true, force: true }));

    async function rulesBrokenBy(files: Record<string, string>): Promise<string[]> {
      for (const folder of folders) mkdirSync(join(tree, folder), { recursive: true });
      const manifest = { 'package.json': '{"type":"module","devDependencies":{"tool":"1.0.0"}}' };
      for (const [path, text] of Object.entries({ ...manifest, ...files })) {
        mkdirSync(dirname(join(tree, path)), { recursive: true });
        writeFileSync(join(tree, path), text);
      }
      const { breaches } = await breachesIn(tree, folders);
      return [...new Set(breaches.map(({ rule }) => rule))];
    }

    it.each(Object.entries(PLANTED))('%s is seen, and nothing else', async (rule, files) => {
      expect(await rulesBrokenBy(files)).toEqual([rule]);
    });

    it('nothing is said against what is allowed', async () => {
      expect(await rulesBrokenBy(SOUND)).toEqual([]);
    });
  });
});
