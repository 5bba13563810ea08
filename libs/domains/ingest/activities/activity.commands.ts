export type SubjectType = 'customer' | 'tenant' | 'conversation';

/** How the time when it happened lies to the one when it was recorded. */
export type Timing = 'on_time' | 'late' | 'future';

export interface RecordActivity {
  type: 'record';
  activityType: string;
  typeVersion: number | null;
  source: string;
  deduplicationKey: string | null;
  externalId: string | null;
  subjectType: SubjectType;
  subjectId: string;
  /** Whom the subject is, or is with; null for a tenant. */
  customerId: string | null;
  /** The name of a customer whom nobody is known by yet. */
  unknownCustomer: string | null;
  /** ms; null for now. */
  occurredAt: number | null;
  now: number;
  /** JSON. */
  data: string;
}
