import { idOf, isSet, pageOf, prefixOf } from './registry-request.js';
import type { Asked, Route } from './registry-route.js';
import { shown } from './registry-route.js';
import type { SchemaRegistry } from './schema-registry.js';

/** Schemas by their ids. */
export function schemaRoutes(registry: SchemaRegistry): Route[] {
  const places = ({ path, query }: Asked) => registry.placesOf(idOf(path.id!), isSet(query.deleted));
  return [
    {
      method: 'GET',
      path: '/schemas',
      access: 'read',
      answer: async ({ query }) => {
        const filter = {
          prefix: prefixOf(query.subjectPrefix),
          deleted: isSet(query.deleted),
          latestOnly: isSet(query.latestOnly),
        };
        return pageOf(await registry.all(filter), query).map(shown);
      },
    },
    { method: 'GET', path: '/schemas/types', access: 'read', answer: () => ['AVRO'] },
    {
      method: 'GET',
      path: '/schemas/ids/:id',
      access: 'read',
      answer: async ({ path, query }) => {
        const { schema, references } = await registry.schema(idOf(path.id!));
        const maxId = isSet(query.fetchMaxId) ? { maxId: await registry.latestId() } : {};
        return { schema, ...(references.length > 0 ? { references } : {}), ...maxId };
      },
    },
    {
      method: 'GET',
      path: '/schemas/ids/:id/schema',
      access: 'read',
      answer: async ({ path }) => Buffer.from((await registry.schema(idOf(path.id!))).schema),
    },
    {
      method: 'GET',
      path: '/schemas/ids/:id/subjects',
      access: 'read',
      answer: async (asked) => [...new Set((await places(asked)).map(({ subject }) => subject))],
    },
    { method: 'GET', path: '/schemas/ids/:id/versions', access: 'read', answer: places },
  ];
}
