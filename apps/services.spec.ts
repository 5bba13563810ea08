import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operationsOf } from '../libs/platform/operations/handles.js';
import { packageRoot } from '../libs/platform/postgres/package-root.js';
import { domainsOf } from '../libs/platform/runtime/domain-module.js';
import { AppModule } from './heddle/app.module.js';
import { exceptionsOf, pathsOf, SERVES_THE_REST, SERVICES, serviceFor } from './services.js';

const serving = SERVICES.filter(({ module }) => module !== null);

test('every domain of the whole runs in one service, under its name', () => {
  const apart = serving.flatMap(({ name, module }) => domainsOf(module!).map(({ service }) => [name, service]));
  expect(apart.every(([name, service]) => name === service)).toBe(true);
  expect(serving.flatMap(({ module }) => domainsOf(module!))).toEqual(expect.arrayContaining(domainsOf(AppModule)));
  expect(apart).toHaveLength(domainsOf(AppModule).length);
});

test('every operation is asked of its own service, and no beginning of a path has two holders', () => {
  expect(serving.flatMap(({ module }) => operationsOf(module!))).toHaveLength(operationsOf(AppModule).length);
  for (const { name, module } of serving) {
    for (const { method, path } of operationsOf(module!)) {
      const asked = path.replace(/\{\w+\}/g, 'x_1');
      expect([method, path, serviceFor(method, asked)]).toEqual([method, path, name]);
    }
  }
  const held = SERVICES.flatMap(pathsOf);
  expect(held).toEqual([...new Set(held)]);
});

test('the rest is served by one that serves', () => {
  expect(serving.map(({ name }) => name)).toContain(SERVES_THE_REST);
});

test('docs/services-apart.md has the paths of each', () => {
  const page = readFileSync(join(packageRoot, 'docs/services-apart.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (`(?:[A-Z]+ )?\/v1\/.*) \| (\w+) \|$/gm)];
  const said = rows.map(([, paths, name]) => [
    name,
    [...paths!.matchAll(/`([^`]+)`/g)].map((match) => match[1]).sort(),
  ]);
  const asked = (service: (typeof serving)[number]) =>
    exceptionsOf(service).map(({ method, path }) => (method === 'GET' ? path : `${method} ${path}`));
  expect(said).toEqual(serving.map((service) => [service.name, [...pathsOf(service), ...asked(service)].sort()]));
});
