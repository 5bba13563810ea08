import type { Aggregate, Claim } from '../../../platform/commands/command.js';
import { type ChangeCustomField, type CustomFieldState, customFieldDecider } from './custom-field.decider.js';
import type { CustomFieldEvent } from './custom-field.events.js';

/** What a workspace asks of things: nothing of it is personal, whatever its values are. */
export const customFieldAggregate: Aggregate<ChangeCustomField, CustomFieldState, CustomFieldEvent> = {
  type: 'custom_field',
  prefix: 'fld',
  decider: customFieldDecider,
  subjectOf: () => null,
  claimsOf: (event) => (event.type === 'custom_field.created' ? [fieldKeyed(event.data.object, event.data.key)] : []),
};

/** A key is taken for good under its object: values that are on the log mean its field. */
export function fieldKeyed(object: string, key: string): Claim {
  return { kind: 'custom_field', scope: object, value: key };
}
