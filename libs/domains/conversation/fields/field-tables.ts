import type { FieldTables } from '../../../platform/fields/field-reads.js';

/** Where this domain keeps what is declared, and what conversations and messages have of it. */
export const fieldTables: FieldTables = {
  service: 'conversation',
  declarations: 'custom_fields',
  values: 'field_values',
};
