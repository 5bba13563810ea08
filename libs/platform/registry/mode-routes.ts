import { refused } from './registry-error.js';
import { bodyOf, isSet } from './registry-request.js';
import type { Route } from './registry-route.js';
import type { Mode } from './registry-tables.js';
import type { SchemaRegistry } from './schema-registry.js';
import { globallyAndBySubject, type Named } from './setting-routes.js';

const MODES: readonly Mode[] = ['READWRITE', 'READONLY', 'IMPORT'];

/** What may be done with a subject, or with all that have no mode of their own. */
export function modeRoutes(registry: SchemaRegistry): Route[] {
  return globallyAndBySubject('/mode', (path, named) => routesAt(registry, path, named));
}

function routesAt(registry: SchemaRegistry, path: string, named: Named): Route[] {
  const global = async () => (await registry.mode(null)) ?? 'READWRITE';
  return [
    {
      method: 'GET',
      path,
      access: 'read',
      answer: async (asked) => {
        const subject = named(asked);
        const own = await registry.mode(subject);
        if (own === null && subject !== null && !isSet(asked.query.defaultToGlobal)) {
          throw refused.noModeOfItsOwn(subject);
        }
        return { mode: own ?? (await global()) };
      },
    },
    {
      method: 'PUT',
      path,
      access: 'root',
      answer: async (asked) => {
        const { mode } = bodyOf(asked.body);
        const known = MODES.find((one) => typeof mode === 'string' && one === mode.toUpperCase());
        if (known === undefined) throw refused.invalidMode();
        await registry.setMode(named(asked), known, isSet(asked.query.force));
        return { mode: known };
      },
    },
    {
      method: 'DELETE',
      path,
      access: 'root',
      answer: async (asked) => {
        const subject = named(asked);
        const before = await registry.mode(subject);
        if (before === null && subject !== null) throw refused.subjectNotFound(subject);
        await registry.setMode(subject, null, false);
        return { mode: before ?? 'READWRITE' };
      },
    },
  ];
}
