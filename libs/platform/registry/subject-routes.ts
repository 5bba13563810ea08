import { isSet, pageOf, prefixOf, proposalOf, versionOf } from './registry-request.js';
import type { Asked, Route } from './registry-route.js';
import { shown } from './registry-route.js';
import type { SchemaRegistry } from './schema-registry.js';

/** Subjects and their versions. */
export function subjectRoutes(registry: SchemaRegistry): Route[] {
  const found = ({ subject, path, query }: Asked) =>
    registry.version(subject, versionOf(path.version!), isSet(query.deleted));
  return [
    {
      method: 'GET',
      path: '/subjects',
      access: 'read',
      answer: async ({ query }) => {
        const filter = {
          prefix: prefixOf(query.subjectPrefix),
          deleted: isSet(query.deleted),
          deletedOnly: isSet(query.deletedOnly),
        };
        return pageOf(await registry.subjects(filter), query);
      },
    },
    {
      method: 'POST',
      path: '/subjects/:subject',
      access: 'root',
      answer: async ({ subject, query, body }) =>
        shown(await registry.find(subject, proposalOf(body, isSet(query.normalize)), isSet(query.deleted))),
    },
    {
      method: 'DELETE',
      path: '/subjects/:subject',
      access: 'root',
      answer: ({ subject, query }) => registry.deleteSubject(subject, isSet(query.permanent)),
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions',
      access: 'read',
      answer: async ({ subject, query }) => {
        const filter = { deleted: isSet(query.deleted), deletedOnly: isSet(query.deletedOnly) };
        return pageOf(await registry.versions(subject, filter), query);
      },
    },
    {
      method: 'POST',
      path: '/subjects/:subject/versions',
      access: 'root',
      answer: async ({ subject, query, body }) => ({
        id: await registry.register(subject, proposalOf(body, isSet(query.normalize))),
      }),
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version',
      access: 'read',
      answer: async (asked) => shown(await found(asked)),
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version/schema',
      access: 'read',
      answer: async (asked) => Buffer.from((await found(asked)).schema),
    },
    {
      method: 'GET',
      path: '/subjects/:subject/versions/:version/referencedby',
      access: 'read',
      answer: ({ subject, path }) => registry.referencedBy(subject, versionOf(path.version!)),
    },
    {
      method: 'DELETE',
      path: '/subjects/:subject/versions/:version',
      access: 'root',
      answer: ({ subject, path, query }) =>
        registry.deleteVersion(subject, versionOf(path.version!), isSet(query.permanent)),
    },
  ];
}
