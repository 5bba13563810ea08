import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operationsOf } from '../libs/platform/operations/handles.js';
import { packageRoot } from '../libs/platform/postgres/package-root.js';
import { domainsOf } from '../libs/platform/runtime/domain-module.js';
import { AppModule } from './heddle/app.module.js';
import { pathsOf, SERVES_THE_REST, SERVICES } from './services.js';

const serving = SERVICES.filter(({ module }) => module !== null);

test('every domain of the whole runs in one service, under its name', () => {
  const apart = serving.flatMap(({ name, module }) => domainsOf(module!).map(({ service }) => [name, service]));
  expect(apart.every(([name, service]) => name === service)).toBe(true);
  expect(serving.flatMap(({ module }) => domainsOf(module!))).toEqual(expect.arrayContaining(domainsOf(AppModule)));
  expect(apart).toHaveLength(domainsOf(AppModule).length);
});

test('every operation lies under the paths of its own service, and of no other', () => {
  expect(serving.flatMap(({ module }) => operationsOf(module!))).toHaveLength(operationsOf(AppModule).length);
  for (const { name, module } of serving) {
    for (const { path } of operationsOf(module!)) {
      const takers = SERVICES.filter((one) => pathsOf(one).some((its) => path === its || path.startsWith(`${its}/`)));
      expect([path, takers.map((one) => one.name)]).toEqual([path, [name]]);
    }
  }
});

test('the rest is served by one that serves', () => {
  expect(serving.map(({ name }) => name)).toContain(SERVES_THE_REST);
});

test('docs/services-apart.md has the paths of each', () => {
  const page = readFileSync(join(packageRoot, 'docs/services-apart.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (`\/v1\/.*) \| (\w+) \|$/gm)];
  const said = rows.map(([, paths, name]) => [
    name,
    [...paths!.matchAll(/`([^`]+)`/g)].map((match) => match[1]).sort(),
  ]);
  expect(said).toEqual(serving.map((service) => [service.name, pathsOf(service)]));
});
