import type { Problem } from '../../platform/kernel/problem.js';
import type { SubjectType, Timing } from './activities/activity.commands.js';

/** What an activity is about, as its sender names it. */
export type SubjectInput =
  | { type: SubjectType; id: string }
  /** A customer whom nobody is known by becomes a new one; a tenant must be known. */
  | { type: 'customer' | 'tenant'; externalId: string };

/** One activity, well formed, as any way in gives it. */
export interface ActivityInput {
  /** The sender's own id: with the same source it is recorded once, for ever. */
  id?: string;
  /** What it is known again by where it has no id: its place in a topic. */
  once?: string;
  /** Who tells it, 1 to 255 characters. */
  source: string;
  /** The workspace's own name for what happened, such as `invoice.paid`. */
  type: string;
  subject: SubjectInput;
  /** When it happened, ms; where it is left out, when it is recorded. */
  occurredAt?: number;
  /** Any JSON value. */
  data: unknown;
}

/** What became of one activity. */
export type ActivityOutcome =
  | {
      status: 'recorded' | 'duplicate';
      /** The event's id, evt_…: of a duplicate, the one that was recorded first. */
      event: string;
      /** The stream of its subject's activities, act_…, and its number there; only of what is recorded, as all that follows. */
      stream?: string;
      seq?: number;
      /** The id of what it is about: of a customer, new ones too, a tenant, a conversation. */
      subject?: string;
      timing?: Timing;
      /** The place in the log that includes it, as a public cursor. */
      position?: string;
    }
  | { status: 'refused'; problem: Problem };
