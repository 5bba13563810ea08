import type { EventSchema } from '../../contract/event-schema.js';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import type { CompatibilityLevel } from './compatibility.js';
import type { RegistryClient } from './registry-client.js';

const LEVEL: CompatibilityLevel = 'FULL_TRANSITIVE';

/**
 * Registers the schemas of the product's events, oldest revision first, each in the subject of its record's full name,
 * which then allows FULL_TRANSITIVE changes only. Returns the ids by the schemas' fingerprints, as the store keeps them.
 * Again, or from several processes at once, it changes nothing. Throws RegistryRefusal and RegistryUnavailable.
 */
export async function registerAll(
  client: Pick<RegistryClient, 'level' | 'setLevel' | 'register'>,
  schemas: readonly EventSchema[] = EVENT_SCHEMAS,
): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  const oldestFirst = schemas.toSorted((a, b) => a.version - b.version || a.revision - b.revision);
  for (const { record, fingerprint, schema } of oldestFirst) {
    if ((await client.level(record)) !== LEVEL) await client.setLevel(record, LEVEL);
    ids.set(fingerprint, await client.register(record, JSON.stringify(schema)));
  }
  return ids;
}
