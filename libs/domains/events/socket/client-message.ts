import { z } from 'zod';
import { pinQuery } from '../../../platform/event-schemas/pin-query.js';
import { Problem } from '../../../platform/kernel/problem.js';
import { fieldErrors } from '../../../platform/operations/field-errors.js';
import { fieldMessage } from '../../../platform/operations/field-messages.js';
import { filterQuery, since } from '../stream/stream.operations.js';

const USUAL_WINDOW = 100;
export const MOST_UNDER_WAY = 1000;

const subscription = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,64}$/)
  .describe('The client’s own name for it: 1 to 64 of A-Z, a-z, 0-9, `_`, `.`, `:` and `-`.');

const subscribe = z
  .strictObject({
    type: z.literal('subscribe'),
    subscription,
    since,
    filter: z.strictObject(filterQuery).optional().describe('All that is told where it is left out.'),
    ...pinQuery,
    window: z
      .number()
      .int()
      .min(1)
      .max(MOST_UNDER_WAY)
      .default(USUAL_WINDOW)
      .describe('How many events may be under way that are not acknowledged.'),
  })
  .meta({ id: 'SubscribeMessage' });

const unsubscribe = z.strictObject({ type: z.literal('unsubscribe'), subscription }).meta({ id: 'UnsubscribeMessage' });

const ack = z
  .strictObject({
    type: z.literal('ack'),
    subscription,
    cursor: z.string().max(100).describe('Of an event or a heartbeat: it, and all before it, are taken.'),
  })
  .meta({ id: 'AckMessage' });

const ping = z.strictObject({ type: z.literal('ping') }).meta({ id: 'PingMessage' });

/** What a client may say. */
export const CLIENT_MESSAGE = z.discriminatedUnion('type', [subscribe, unsubscribe, ack, ping]);

export type ClientMessage = z.output<typeof CLIENT_MESSAGE>;
export type Subscribe = z.output<typeof subscribe>;

/** Throws `malformed_request` for what is no JSON, and `invalid_request` with every place that is wrong. */
export function readClientMessage(text: string): ClientMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Problem('malformed_request', 'The message is not JSON: send one JSON object in each.');
  }
  const read = CLIENT_MESSAGE.safeParse(json, { error: fieldMessage });
  if (read.success) return read.data;
  const errors = fieldErrors('/message', read.error.issues);
  const first = errors[0]!;
  throw new Problem('invalid_request', `${first.pointer} ${first.message}.`, { errors });
}

/** The subscription that a message names, however wrong the rest of it is. */
export function subscriptionNamedIn(text: string): string | null {
  try {
    const named = subscription.safeParse((JSON.parse(text) as { subscription?: unknown } | null)?.subscription);
    return named.success ? named.data : null;
  } catch {
    return null;
  }
}
