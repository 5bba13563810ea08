import { type Decider, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import type { RecordActivity, Timing } from './activity.commands.js';
import type { ActivityEvent } from './activity.events.js';

export interface ActivityState {
  /** Whose key seals the stream; null where it has a key of its own. */
  customer: string | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A clock that goes this much before ours says nothing of the future. */
export const CLOCKS_DIFFER_MS = MINUTE;
export const LATE_AFTER_MS = HOUR;
export const FUTURE_UP_TO_MS = HOUR;
/** Ten years: what a workspace brings along when it comes. */
export const PAST_UP_TO_MS = 3653 * 24 * HOUR;

/** An activity has happened: but for its time nothing is weighed, and every one of them is one event. */
export const activityDecider: Decider<RecordActivity, ActivityState, ActivityEvent> = { decide, evolve };

function decide(command: RecordActivity): ActivityEvent[] | Refusal {
  const occurredAt = command.occurredAt ?? command.now;
  const timing = timingOf(occurredAt, command.now);
  if (timing === null) return outsideOfWindow(command.now);
  return [
    {
      type: 'activity.recorded',
      occurredAt,
      data: {
        activity_type: command.activityType,
        type_version: command.typeVersion,
        source: command.source,
        deduplication_key: command.deduplicationKey,
        external_id: command.externalId,
        subject_type: command.subjectType,
        subject_id: command.subjectId,
        customer_id: command.customerId,
        unknown_customer: command.unknownCustomer,
        timing,
        data: command.data,
      },
    },
  ];
}

/** Null for a time that is not taken. */
export function timingOf(occurredAt: number, now: number): Timing | null {
  const ago = now - occurredAt;
  if (ago > PAST_UP_TO_MS || ago < -FUTURE_UP_TO_MS) return null;
  if (ago > LATE_AFTER_MS) return 'late';
  return ago < -CLOCKS_DIFFER_MS ? 'future' : 'on_time';
}

function outsideOfWindow(now: number): Refusal {
  const from = new Date(now - PAST_UP_TO_MS).toISOString();
  const to = new Date(now + FUTURE_UP_TO_MS).toISOString();
  return refuse('invalid_value', `occurred_at is not between ${from} and ${to}: ten years back, an hour ahead.`);
}

function evolve(_state: ActivityState | null, { data }: ActivityEvent): ActivityState {
  return { customer: data.customer_id };
}
