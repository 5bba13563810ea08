import { z } from 'zod';
import { idField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { importLine } from './import-line.js';

export const importConversations = defineOperation({
  name: 'import.conversations',
  method: 'POST',
  path: '/v1/import',
  summary: 'Bring in conversations of another system',
  description:
    'One conversation a line. What was brought in before is known by its ids and skipped, so that an import that was ' +
    'cut off is sent again. A line for a known conversation adds those of its messages that are not there yet (counted ' +
    'in `messages`, the conversation as `skipped`) and leaves its channel and customer as they are; a new message of a ' +
    'customer opens a closed conversation again, at the time that the line gives. The answer has a line for each line ' +
    'that was refused, and a last one with the counts.',
  access: 'workspace_or_root',
  scopes: ['conversations:write', 'customers:write', 'users:write'],
  changes: true,
  query: z.strictObject({
    workspace_id: idField('wsp').optional().describe('The workspace to bring them into; root key only.'),
    workspace_from: z
      .literal('organization')
      .optional()
      .describe('A workspace an organization, found by its external id or made; root key only, and one process.'),
  }),
  body: importLine,
  consumes: 'application/x-ndjson',
  responses: {
    200: {
      description: 'Refused lines, then the counts.',
      schema: z
        .union([
          z.strictObject({ line: z.int().min(1), code: z.string(), detail: z.string() }),
          z.strictObject({
            read: z.int().min(0),
            created: z.int().min(0),
            skipped: z.int().min(0),
            refused: z.int().min(0),
            messages: z.int().min(0),
          }),
        ])
        .meta({ id: 'ImportReport' }),
    },
  },
  example: {
    query: { workspace_id: 'wsp_0198f2c0a1b27c3d8e4f5a6b7c8d9e01' },
    body: {
      conversation: 'ticket-977',
      channel: 'email',
      customer: 'shop-1815',
      messages: [
        {
          id: '977-1',
          at: '2026-03-01T10:00:00Z',
          author: { type: 'customer', id: 'shop-1815' },
          text: 'Which reed for a scarf?',
        },
        {
          id: '977-2',
          at: '2026-03-01T10:12:00Z',
          author: { type: 'agent', id: 'staff-7' },
          text: '10 dents an inch.',
          resolves: true,
        },
      ],
    },
  },
});
