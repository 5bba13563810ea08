import type { EventData } from '../../contract/generated/event-data.js';
import type { DomainEvent } from '../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on a user's stream. */
export type UserEvent =
  | Of<'user.created'>
  | Of<'user.renamed'>
  | Of<'user.email_changed'>
  | Of<'user.status_changed'>
  | Of<'user.skill_added'>
  | Of<'user.skill_removed'>
  | Of<'user.capacity_changed'>;
