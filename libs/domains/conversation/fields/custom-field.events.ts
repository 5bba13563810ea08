// Each domain with a table of declarations reads these events, and domains do not import each other.
export type { CustomFieldEvent } from '../../../platform/fields/custom-field.events.js';
