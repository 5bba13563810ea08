import { toId } from '../../../platform/kernel/id.js';

/** What the last 62 random bits of a subject's uuid are combined with: any number that stays does. */
const MASK = Buffer.from('2b7e151628aed2a6', 'hex');

/**
 * The stream of the activities of a customer, a tenant or a conversation, `act_…`: the same in every process, and the
 * same for ever. The uuid stays a version 7 one of the subject's own millisecond.
 */
export function activityStreamOf(subject: string): string {
  const uuid = Buffer.from(subject.slice(subject.indexOf('_') + 1), 'hex');
  for (let i = 0; i < 8; i++) uuid[8 + i]! ^= MASK[i]!;
  return toId('act', uuid);
}
