import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { type SchemaIds, UnknownSchemaIdError } from '../event-log/kafka/schema-ids.js';

/** What the consumers of the tests count. */
export const TYPE = 'message.created';
const FINGERPRINT = Buffer.from(EVENT_SCHEMAS.find(({ type }) => type === TYPE)!.fingerprint, 'hex');

/** Id 1 is the schema of TYPE; the registry has no other. */
export const IDS: SchemaIds = {
  fingerprintOf: async (id) => {
    if (id !== 1) throw new UnknownSchemaIdError(id);
    return FINGERPRINT;
  },
};
