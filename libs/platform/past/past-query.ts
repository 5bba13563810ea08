import { z } from 'zod';
import { Problem } from '../kernel/problem.js';
import { instantField } from '../operations/fields.js';

/** A number of events of one stream. */
export const seqField = z.coerce.number().int().min(1).max(2_147_483_647);

/** The query of what can be read as it was. */
export const pastQuery = {
  at: instantField
    .optional()
    .describe('As it was then: of what happened up to then, also where Heddle learned of it later. One of the three.'),
  recorded_at: instantField.optional().describe('As Heddle knew it then. One of the three.'),
  seq: seqField.optional().describe('As it was after so many of its events. One of the three.'),
};

/** Which past of a stream is meant; times are ms. */
export type Past = { kind: 'at'; time: number } | { kind: 'recorded_at'; time: number } | { kind: 'seq'; seq: number };

export interface PastQuery {
  at?: string | undefined;
  recorded_at?: string | undefined;
  seq?: number | undefined;
}

/** The past that a query asks for; null for the present. Throws `ambiguous_past` where it names more than one. */
export function pastOf({ at, recorded_at, seq }: PastQuery): Past | null {
  const pasts: Past[] = [];
  if (at !== undefined) pasts.push({ kind: 'at', time: Date.parse(at) });
  if (recorded_at !== undefined) pasts.push({ kind: 'recorded_at', time: Date.parse(recorded_at) });
  if (seq !== undefined) pasts.push({ kind: 'seq', seq });
  if (pasts.length > 1) {
    const named = pasts.map(({ kind }) => kind).join(' and ');
    throw new Problem('ambiguous_past', `The query names ${named}: each is a past of its own. Send one of them.`);
  }
  return pasts[0] ?? null;
}

/** The answer for a past in which the stream had not begun. */
export function notBegun(id: string, past: Past): Problem {
  const then =
    past.kind === 'seq'
      ? `after ${past.seq} of its events`
      : `${past.kind === 'at' ? 'at' : 'as Heddle knew it at'} ${new Date(past.time).toISOString()}`;
  return new Problem('not_found', `There was no ${id} ${then}: it began later.`);
}

/** The answer for a `seq` that the stream has not reached. */
export function notReached(id: string, seq: number, last: number): Problem {
  const events = last === 1 ? 'one event' : `${last} events`;
  return new Problem('not_found', `${id} has ${events} so far, and no seq ${seq}. Ask for one up to ${last}.`);
}
