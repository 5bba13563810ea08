import { z } from 'zod';
import { idField, keyed, pageOf, pageQuery, timeField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { updateConversation } from '../conversation.operations.js';
import { FILTER_PROBLEMS, filterField } from '../search/filter.schema.js';
import { MOST_RUNNING } from './job.decider.js';
import { ROW_STATUSES } from './job.queries.js';

/** The most that one job is about. */
export const MOST_ROWS = 10_000;

const byId = z.strictObject({ id: idField('job') });
const exampleParams = { id: 'job_0198f2c0a1b27c3d8e4f5a6b7c8d9e0b' };
const reading = { scopes: ['conversations:read'], changes: false } as const;
const jobStatus = z.enum(['running', 'finished', 'cancelled']);
const count = z.int().min(0);

/** What a patch may say of many conversations at once: nothing that names a person, for it is kept with the job. */
const bulkPatch = updateConversation
  .body!.pick({
    status: true,
    status_detail_id: true,
    snoozed_until: true,
    priority: true,
    assignee: true,
    team_id: true,
    label_ids: true,
    locked: true,
  })
  .meta({ id: 'BulkPatch' });

const jobResource = z
  .strictObject({
    id: idField('job'),
    kind: z.literal('conversations.update'),
    patch: bulkPatch,
    status: jobStatus,
    total: count.describe('How many conversations it is about.'),
    done: count,
    failed: count,
    created_by: z
      .strictObject({ type: z.string(), id: z.string() })
      .meta({ id: 'JobRequester' })
      .describe('Who asked for it: each change is made in their name.'),
    created_at: timeField,
    updated_at: timeField,
    ended_at: timeField.nullable(),
  })
  .meta({ id: 'Job' });

const rowResource = z
  .strictObject({
    conversation_id: idField('conv'),
    status: z.enum(ROW_STATUSES),
    code: z.string().nullable().describe('Of the problem that it met, where it failed.'),
  })
  .meta({ id: 'JobRow' });

export const changeManyConversations = defineOperation({
  name: 'conversations.bulk',
  method: 'POST',
  path: '/v1/conversations/bulk',
  summary: 'Change many conversations by one patch',
  description: `A job does it, each conversation once and by itself, as \`PATCH /v1/conversations/{id}\` would. Which ones a filter means is settled when it is asked for: ${MOST_ROWS.toLocaleString('en-US')} at most. A workspace has ${MOST_RUNNING} running jobs at most, which take turns with those of the others. A job ends as cancelled once the key that asked for it is revoked.`,
  scopes: ['conversations:write'],
  changes: true,
  versioned: true,
  body: z.union(
    [
      z.strictObject({ ids: z.array(idField('conv')).min(1).max(1000), patch: bulkPatch, ...keyed }),
      z.strictObject({ filter: filterField, patch: bulkPatch, ...keyed }),
    ],
    { error: 'is neither `ids` and a `patch` nor a `filter` and a `patch`' },
  ),
  responses: {
    202: {
      description: 'The job is under way.',
      schema: z.strictObject({ id: idField('job'), status: jobStatus, total: count }).meta({ id: 'StartedJob' }),
    },
  },
  problems: [...FILTER_PROBLEMS, 'too_many_conversations', 'too_many'],
  cost: 10,
  example: {
    body: { filter: { field: 'channel', op: 'is', value: 'chat' }, patch: { priority: 'low', assignee: null } },
  },
});

export const getJob = defineOperation({
  ...reading,
  name: 'jobs.get',
  method: 'GET',
  path: '/v1/jobs/{id}',
  summary: 'Read how far a job is',
  versioned: true,
  params: byId,
  responses: { 200: { description: 'The job.', schema: jobResource } },
  example: { params: { id: 'job_0198f2c0a1b27c3d8e4f5a6b7c8d9e0c' } },
});

export const listJobs = defineOperation({
  ...reading,
  name: 'jobs.list',
  method: 'GET',
  path: '/v1/jobs',
  summary: 'List jobs, the last made here first',
  query: z.strictObject({ status: jobStatus.optional(), ...pageQuery }),
  responses: { 200: { description: 'A page of jobs.', schema: pageOf(jobResource) } },
  example: { query: { limit: '20' } },
});

export const listJobRows = defineOperation({
  ...reading,
  name: 'jobs.rows',
  method: 'GET',
  path: '/v1/jobs/{id}/rows',
  summary: 'List what became of each conversation of a job',
  params: byId,
  query: z.strictObject({ status: z.enum(ROW_STATUSES).optional(), ...pageQuery }),
  responses: { 200: { description: 'A page of rows.', schema: pageOf(rowResource) } },
  example: { params: { id: 'job_0198f2c0a1b27c3d8e4f5a6b7c8d9e0c' } },
});

export const cancelJob = defineOperation({
  name: 'jobs.cancel',
  method: 'POST',
  path: '/v1/jobs/{id}/cancel',
  summary: 'Let a job go no further',
  description: 'What is done stays done; rows that are on their way then may still be.',
  scopes: ['conversations:write'],
  changes: true,
  versioned: true,
  conditional: true,
  params: byId,
  body: z.strictObject(keyed),
  responses: {
    200: {
      description: 'The job goes no further.',
      schema: z.strictObject({ id: idField('job') }).meta({ id: 'CancelledJob' }),
    },
  },
  problems: ['job_ended'],
  example: { params: exampleParams, body: {} },
});
