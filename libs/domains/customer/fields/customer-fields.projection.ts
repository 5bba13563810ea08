import { CUSTOM_FIELD_EVENTS } from '../../../platform/fields/custom-field.events.js';
import { declarationRows } from '../../../platform/fields/declaration-rows.js';
import type { Projection } from '../../../platform/projections/projection.js';

/** What is declared for customers, companies and tenants, by the events of the domain that owns the declarations. */
export const customerFieldsProjection: Projection = {
  name: 'customer_fields',
  service: 'conversation',
  inline: true,
  personal: false,
  tables: ['customer_fields'],
  definition: ['libs/domains/customer/migrations/0010_customer_fields.sql'],
  types: CUSTOM_FIELD_EVENTS,
  project: declarationRows('customer_fields', ['customer', 'company', 'tenant']),
};
