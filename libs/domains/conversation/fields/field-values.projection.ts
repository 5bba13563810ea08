import { valueRows } from '../../../platform/fields/value-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';

/** What conversations and messages have in custom fields now, kept in the append's own transaction. */
export const fieldValuesProjection: Projection = {
  name: 'field_values',
  service: 'conversation',
  inline: true,
  personal: true,
  tables: ['field_values'],
  definition: ['libs/domains/conversation/migrations/0032_field_values.sql'],
  types: [
    'conversation.field_set',
    'conversation.field_cleared',
    'message.field_set',
    'message.field_cleared',
    'message.redacted',
  ],
  project: valueRows('field_values'),
};
