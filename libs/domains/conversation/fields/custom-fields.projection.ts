import { CUSTOM_FIELD_EVENTS } from '../../../platform/fields/custom-field.events.js';
import { declarationRows } from '../../../platform/fields/declaration-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';

/** Custom fields as they are declared now, kept in the append's own transaction. */
export const customFieldsProjection: Projection = {
  name: 'custom_fields',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['custom_fields'],
  definition: ['libs/domains/conversation/migrations/0031_custom_fields.sql'],
  types: CUSTOM_FIELD_EVENTS,
  project: declarationRows('custom_fields'),
};
