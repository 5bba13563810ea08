import { z } from 'zod';
import { idField, pageOf, pageQuery } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { assigneeField } from '../conversation.resources.js';

const loadResource = z
  .strictObject({
    assignee: assigneeField,
    open: z.int().min(1).describe('How many open conversations they are the assignee of.'),
  })
  .meta({ id: 'Load' });

export const listWorkload = defineOperation({
  name: 'workload.list',
  method: 'GET',
  path: '/v1/workload',
  summary: 'Count the open conversations of each assignee',
  description:
    'By the id of the assignee. Who has none is not in it. What they are meant to have at most is the `capacity` of the user or AI agent.',
  scopes: ['conversations:read'],
  changes: false,
  query: z.strictObject({
    assignee: z
      .union([idField('usr'), idField('aia')])
      .optional()
      .describe('Of one user or AI agent alone.'),
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of loads.', schema: pageOf(loadResource) } },
  example: { query: { assignee: 'usr_0198f2c0a1b27c3d8e4f5a6b7c8d9e03' } },
});
