import { AppModule } from '../../apps/heddle/app.module.js';
import { domainsOf } from '../../libs/platform/runtime/domain-module.js';

const projections = domainsOf(AppModule).flatMap((domain) => domain.projections);

/** Those that come more than once. */
function doubled(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}

it('read models are named once in an installation: a rebuild and a cursor go by the name', () => {
  expect(doubled(projections.map(({ name }) => name))).toEqual([]);
});

it('a table is kept by one projection', () => {
  expect(doubled(projections.flatMap(({ service, tables }) => tables.map((table) => `${service}.${table}`)))).toEqual(
    [],
  );
});
