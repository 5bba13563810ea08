import { text } from '../../../platform/projections/column.js';
import { currentRows } from '../../../platform/projections/current-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';
import type { ApiKeyEvent } from '../api-key.events.js';

/** Keys as they are now, without their secrets, kept in the append's own transaction. */
export const apiKeysProjection: Projection = {
  name: 'api_keys',
  service: 'access',
  inline: true,
  personal: false,
  tables: ['api_keys'],
  definition: ['libs/domains/access/migrations/0002_api_keys.sql'],
  types: ['api_key.created', 'api_key.revoked'],
  project: currentRows<ApiKeyEvent, 'api_key.created', object>({
    table: 'api_keys',
    key: 'id',
    created: {
      type: 'api_key.created',
      columns: { name: text(({ data }) => data.name), scopes: text(({ data }) => data.scopes.join(' ')) },
      set: { scopes: "string_to_array(e.scopes, ' ')", created_at: 'e.at' },
    },
    changed: { nothing: {}, fold() {}, columns: {}, set: { revoked_at: 'e.at' } },
  }),
};
