import type { ActivityInput, SubjectInput } from '../activity-input.js';
import { ACTIVITY_TYPE, MOST_OF_TYPE, USUAL_SOURCE } from './activity.schema.js';

const PLAIN = /^[ -~]{1,255}$/;
const IDS: Readonly<Record<SubjectInput['type'], RegExp>> = {
  customer: /^cus_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/,
  tenant: /^ten_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/,
  conversation: /^conv_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/,
};
/** Years and days that every calendar has. */
const TIME = /^(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,3})?Z$/;

/**
 * An activity as nearly all are sent, read without its schema, which takes six times as long; null for any other, which
 * may still be one. What is taken here the schema takes, and reads alike.
 */
export function plainActivity(value: unknown): ActivityInput | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id, type, source = USUAL_SOURCE, subject, occurred_at, data, ...more } = value as Record<string, unknown>;
  for (const _ in more) return null;
  if (data === undefined || Array.isArray(value)) return null;
  if (typeof type !== 'string' || type.length > MOST_OF_TYPE || !ACTIVITY_TYPE.test(type)) return null;
  if (typeof source !== 'string' || !PLAIN.test(source)) return null;
  const about = plainSubject(subject);
  if (about === null) return null;
  const input: ActivityInput = { type, source, subject: about, data };
  if (id !== undefined) {
    if (typeof id !== 'string' || !PLAIN.test(id)) return null;
    input.id = id;
  }
  if (occurred_at !== undefined) {
    if (typeof occurred_at !== 'string' || !TIME.test(occurred_at)) return null;
    input.occurredAt = Date.parse(occurred_at);
  }
  return input;
}

function plainSubject(subject: unknown): SubjectInput | null {
  if (typeof subject !== 'object' || subject === null) return null;
  const types = Object.keys(subject);
  const [type] = types;
  if (types.length !== 1 || type === undefined || !Object.hasOwn(IDS, type)) return null;
  const by = (subject as Record<string, unknown>)[type];
  if (typeof by !== 'object' || by === null || Object.keys(by).length !== 1) return null;
  const { id, external_id: externalId } = by as { id?: unknown; external_id?: unknown };
  if (typeof id === 'string') {
    return IDS[type as SubjectInput['type']].test(id) ? { type: type as SubjectInput['type'], id } : null;
  }
  if (typeof externalId !== 'string' || type === 'conversation' || !PLAIN.test(externalId)) return null;
  return { type: type as 'customer' | 'tenant', externalId };
}
