import type { Party } from '../../platform/kernel/event.js';
import type { HeldFields } from '../../platform/kernel/fields/held-fields.js';
import type { Priority, Status } from './conversation.commands.js';
import type { Ties } from './links/link.state.js';

/**
 *     (nothing) ── created ──► open
 *     open ── snoozed ──► snoozed ── unsnoozed ──► open
 *     open ── closed ──► closed ── reopened ──► open
 *     snoozed ── closed ──► closed ── snoozed ──► snoozed
 *
 * A message of the customer opens what is closed or snoozed, and the end of its time what is snoozed. All else changes
 * in every status; messages are refused while it is locked.
 */
export interface ConversationState {
  customer: string;
  channel: string;
  status: Status;
  /** The workspace's own detail under the status. */
  detail: string | null;
  /** Until when it is snoozed, ms; null also where it waits for the customer's answer. */
  until: number | null;
  priority: Priority;
  assignee: Party | null;
  team: string | null;
  labels: readonly string[];
  locked: boolean;
  /** How often its title has changed. The title itself is personal, and not kept here. */
  titleRevision: number;
  /** How often a message or draft has changed since it was made. What they say is personal, and not kept here. */
  contentRevision: number;
  /** Left out where it has none. */
  ties?: Ties;
  /** Which custom fields have a value; the values are kept beside the read models. */
  fields: HeldFields;
}
