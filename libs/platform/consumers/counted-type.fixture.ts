import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { RegistrySchemaIds, type SchemaIds } from '../event-log/kafka/schema-ids.js';
import { RegistryRefusal } from '../registry/registry-client.js';

/** What the consumers of the tests count. */
export const TYPE = 'message.created';
const FINGERPRINT = Buffer.from(EVENT_SCHEMAS.find(({ type }) => type === TYPE)!.fingerprint, 'hex');

/** Id 1 is the schema of TYPE; the registry has no other. */
export const IDS: SchemaIds = new RegistrySchemaIds(new Map([[1, FINGERPRINT]]), {
  schema: async (id) => {
    throw new RegistryRefusal(40403, `Schema ${id} not found`);
  },
});
