import { z } from 'zod';

const subscription = z.string().describe('The client’s own name for it.');

const subscribed = z
  .strictObject({ type: z.literal('subscribed'), subscription, window: z.int().min(1) })
  .meta({ id: 'SubscribedMessage', description: 'What is asked for follows.' });

const unsubscribed = z
  .strictObject({
    type: z.literal('unsubscribed'),
    subscription,
    cursor: z.string().nullable().describe('Of its last line; null where it had none, and stood at the beginning.'),
  })
  .meta({ id: 'UnsubscribedMessage', description: 'Nothing more of it comes.' });

const pong = z
  .strictObject({ type: z.literal('pong') })
  .meta({ id: 'PongMessage', description: 'The answer to a ping.' });

const wrong = z
  .strictObject({
    type: z.literal('error'),
    subscription: subscription.optional(),
    problem: z
      .record(z.string(), z.unknown())
      .describe('As an answer of HTTP has it (RFC 9457); its `errors` name places in the message.'),
  })
  .meta({ id: 'ErrorMessage', description: 'A message of the client’s was wrong.' });

/** What a client is told beside the lines of its subscriptions. */
export const SERVER_MESSAGE = z.discriminatedUnion('type', [subscribed, unsubscribed, pong, wrong]);

export type ServerMessage = z.output<typeof SERVER_MESSAGE>;
