import { FEED } from '../feed/feed-keeper.js';
import type { MigrationSet } from '../postgres/migrate.js';
import type { Domain } from './domain-module.js';

/** What has a schema and roles of its own: the domains' services, and the feed. */
export function servicesOf(domains: readonly Domain[]): string[] {
  return [...new Set([...domains.map((domain) => domain.service), FEED.service])];
}

/** The migrations that the domains need: the platform's schemas first, then each service's own. */
export function migrationsOf(domains: readonly Domain[]): MigrationSet[] {
  return [
    { schema: 'log', folder: 'libs/platform/event-store/migrations' },
    { schema: 'log', folder: 'libs/platform/relay/migrations' },
    { schema: 'keys', folder: 'libs/platform/keys/migrations' },
    { schema: 'registry', folder: 'libs/platform/registry/migrations' },
    ...servicesOf(domains).map((schema) => ({ schema, folder: 'libs/platform/projections/migrations' })),
    { schema: FEED.service, folder: 'libs/platform/feed/migrations' },
    ...domains.flatMap(({ service: schema, migrations: folder }) => (folder === null ? [] : [{ schema, folder }])),
  ];
}
