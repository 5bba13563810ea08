import { z } from 'zod';

/** Of what gives events out. */
export const pinQuery = {
  pin: z
    .string()
    .max(4000)
    .optional()
    .describe(
      'Versions that events of these types are shown in, whatever the newest is: `message.created@1.0,conversation.closed@1.0`.',
    ),
};
