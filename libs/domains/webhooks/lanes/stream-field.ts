import { z } from 'zod';

/** A stream of whatever kind. */
export const streamField = z
  .string()
  .regex(/^[a-z]{3,4}_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/, 'is not the id of a stream');
