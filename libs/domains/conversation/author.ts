import { z } from 'zod';
import type { Party } from '../../platform/kernel/event.js';
import { idField, slugField } from '../../platform/operations/fields.js';

/** Who writes: a person or program that the workspace knows, or `system` under any name. */
export const authorField = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('customer'), id: idField('cus') }),
    z.strictObject({ type: z.literal('user'), id: idField('usr') }),
    z.strictObject({ type: z.literal('ai_agent'), id: idField('aia') }),
    z.strictObject({ type: z.literal('system'), id: slugField }),
  ])
  .meta({ id: 'Author', description: 'Who wrote a message.' });

/** Those of a party that must be known; a system may have any name. */
export function peopleOf({ type, id }: Party): string[] {
  return type === 'system' ? [] : [id];
}
