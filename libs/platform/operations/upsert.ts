import { z } from 'zod';
import type { IdPrefix } from '../kernel/id.js';
import { idField } from './fields.js';

/**
 * What is said of every operation that makes a thing known under a name of its own, or changes what is known under it. That is
 * the external id, unless its description says another.
 */
export function upsertOf(prefix: IdPrefix, schemaName: string) {
  const upserted = z.strictObject({ id: idField(prefix) }).meta({ id: schemaName });
  return {
    method: 'POST',
    description: 'The external id says which one. What the body leaves out is left as it is.',
    changes: true,
    versioned: true,
    responses: {
      200: { description: 'It was known before.', schema: upserted },
      201: { description: 'It is known now.', schema: upserted },
    },
  } as const;
}
