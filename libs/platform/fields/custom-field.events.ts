import type { EventData } from '../../contract/generated/event-data.js';
import type { DomainEvent } from '../kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a custom field's stream. */
export type CustomFieldEvent =
  | Of<'custom_field.created'>
  | Of<'custom_field.renamed'>
  | Of<'custom_field.description_changed'>
  | Of<'custom_field.required_changed'>
  | Of<'custom_field.default_changed'>
  | Of<'custom_field.options_changed'>
  | Of<'custom_field.dependency_changed'>
  | Of<'custom_field.archived'>
  | Of<'custom_field.restored'>;

export const CUSTOM_FIELD_EVENTS: readonly CustomFieldEvent['type'][] = [
  'custom_field.created',
  'custom_field.renamed',
  'custom_field.description_changed',
  'custom_field.required_changed',
  'custom_field.default_changed',
  'custom_field.options_changed',
  'custom_field.dependency_changed',
  'custom_field.archived',
  'custom_field.restored',
];
