import { compatibilityLevelOf } from './compatibility.js';
import { refused } from './registry-error.js';
import { bodyOf, isSet, proposalOf, versionOf } from './registry-request.js';
import type { Asked, Route } from './registry-route.js';
import { DEFAULT_LEVEL } from './registry-tables.js';
import type { SchemaRegistry } from './schema-registry.js';
import { globallyAndBySubject, type Named } from './setting-routes.js';

/** Whether a schema may follow the ones before, and the level that decides it. */
export function compatibilityRoutes(registry: SchemaRegistry): Route[] {
  return [
    ...checkRoutes(registry),
    ...globallyAndBySubject('/config', (path, named) => levelRoutes(registry, path, named)),
  ];
}

function checkRoutes(registry: SchemaRegistry): Route[] {
  const answer = async ({ subject, path, query, body }: Asked) => {
    const proposal = proposalOf(body, isSet(query.normalize));
    const version = path.version === undefined ? undefined : versionOf(path.version);
    const messages = await registry.check(subject, proposal, version);
    return { is_compatible: messages.length === 0, ...(isSet(query.verbose) ? { messages } : {}) };
  };
  const path = '/compatibility/subjects/:subject/versions';
  return [
    { method: 'POST', path, access: 'root', answer },
    { method: 'POST', path: `${path}/:version`, access: 'root', answer },
  ];
}

function levelRoutes(registry: SchemaRegistry, path: string, named: Named): Route[] {
  const global = async () => (await registry.level(null)) ?? DEFAULT_LEVEL;
  return [
    {
      method: 'GET',
      path,
      access: 'read',
      answer: async (asked) => {
        const subject = named(asked);
        const own = await registry.level(subject);
        if (own === null && subject !== null && !isSet(asked.query.defaultToGlobal)) {
          throw refused.noLevelOfItsOwn(subject);
        }
        return { compatibilityLevel: own ?? (await global()) };
      },
    },
    {
      method: 'PUT',
      path,
      access: 'root',
      answer: async (asked) => {
        const level = compatibilityLevelOf(bodyOf(asked.body).compatibility);
        if (level === null) throw refused.invalidLevel();
        await registry.setLevel(named(asked), level);
        return { compatibility: level };
      },
    },
    {
      method: 'DELETE',
      path,
      access: 'root',
      answer: async (asked) => {
        const subject = named(asked);
        const before = await registry.level(subject);
        if (before === null && subject !== null) throw refused.subjectNotFound(subject);
        await registry.setLevel(subject, null);
        return { compatibilityLevel: before ?? DEFAULT_LEVEL };
      },
    },
  ];
}
