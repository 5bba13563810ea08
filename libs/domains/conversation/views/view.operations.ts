import { z } from 'zod';
import {
  archivedQuery,
  idField,
  keyed,
  pageOf,
  pageQuery,
  textField,
  timeField,
} from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { upsertOf } from '../../../platform/operations/upsert.js';
import { conversationResource } from '../conversation.resources.js';
import { DIRECTIONS, LIST_SORTS } from '../search/conversation-order.js';
import { GROUPS } from '../search/conversation-search.js';
import { conversationFilter, FIELD_CONDITION_PROBLEMS, FILTER_PROBLEMS, filterField } from '../search/filter.schema.js';
import { conversationCount, waitForField } from '../search/search.operations.js';

const nameField = textField(1, 100).describe(
  'Unique among the views that all share, or among those of its owner, whatever its case.',
);
const sortField = z.enum(LIST_SORTS);
const orderField = z.enum(DIRECTIONS);
const filter = filterField
  .nullable()
  .optional()
  .describe(
    'Null: all conversations. Values of `title`, `external_id` and personal custom fields are refused: a view is kept for ever.',
  );
const byId = z.strictObject({ id: idField('vie') });
const exampleParams = { id: 'vie_0198f2c0a1b27c3d8e4f5a6b7c8d9e0a' };
const reading = { scopes: ['conversations:read'], changes: false } as const;

const viewResource = z
  .strictObject({
    id: idField('vie'),
    name: z.string(),
    owner_id: idField('usr').nullable().describe('Whose view it is; null where all share it.'),
    filter: conversationFilter.nullable(),
    sort: sortField,
    order: orderField,
    archived: z.boolean(),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'View' });

export const upsertView = defineOperation({
  ...upsertOf('vie', 'UpsertedView'),
  description:
    'The name and the owner say which one. A personal view is found under its owner; it is no secret: whoever may read conversations may read it.',
  problems: ['unknown_reference', 'filter_names_person', ...FILTER_PROBLEMS],
  name: 'views.upsert',
  path: '/v1/views',
  summary: 'Make a view, or bring one up to date',
  scopes: ['conversations:write'],
  body: z.strictObject({
    name: nameField,
    owner_id: idField('usr').nullable().optional().describe('Whose view it is; null: all share it.'),
    filter,
    sort: sortField.optional(),
    order: orderField.optional(),
    ...keyed,
  }),
  example: {
    body: {
      name: 'Urgent and nobody’s',
      filter: {
        and: [
          { field: 'priority', op: 'is', value: 'urgent' },
          { field: 'assignee', op: 'none' },
        ],
      },
      sort: 'updated_at',
    },
  },
});

export const updateView = defineOperation({
  name: 'views.update',
  method: 'PATCH',
  path: '/v1/views/{id}',
  summary: 'Rename, change or archive a view',
  description:
    'A JSON Merge Patch (RFC 7396); a filter is replaced whole. Each thing that changes is an event of its own.',
  scopes: ['conversations:write'],
  changes: true,
  versioned: true,
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: byId,
  body: z.strictObject({
    name: nameField.optional(),
    filter,
    sort: sortField.optional(),
    order: orderField.optional(),
    archived: z.boolean().optional(),
    ...keyed,
  }),
  responses: {
    200: {
      description: 'The view is as the patch says.',
      schema: z.strictObject({ id: idField('vie') }).meta({ id: 'UpdatedView' }),
    },
  },
  problems: ['external_id_taken', 'filter_names_person', ...FILTER_PROBLEMS],
  example: { params: exampleParams, body: { sort: 'priority', archived: false } },
});

export const getView = defineOperation({
  ...reading,
  name: 'views.get',
  method: 'GET',
  path: '/v1/views/{id}',
  summary: 'Read a view',
  versioned: true,
  params: byId,
  responses: { 200: { description: 'The view.', schema: viewResource } },
  example: { params: exampleParams },
});

export const listViews = defineOperation({
  ...reading,
  name: 'views.list',
  method: 'GET',
  path: '/v1/views',
  summary: 'List views, the last made here first',
  query: z.strictObject({
    owner: z
      .union([idField('usr'), z.literal('none')])
      .optional()
      .describe("One user's, or `none`: those that all share."),
    ...archivedQuery,
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of views.', schema: pageOf(viewResource) } },
  example: { query: { limit: '20' } },
});

export const listViewConversations = defineOperation({
  ...reading,
  name: 'views.conversations',
  method: 'GET',
  path: '/v1/views/{id}/conversations',
  summary: 'List the conversations of a view, in its order',
  description:
    'With `Accept: application/x-ndjson` all of them, one a line, as a stream; `limit` and `cursor` are passed over.',
  params: byId,
  query: z.strictObject({ wait_for: waitForField, ...pageQuery }),
  responses: { 200: { description: 'A page of conversations.', schema: pageOf(conversationResource) } },
  lines: conversationResource,
  problems: ['cursor_diverged', ...FIELD_CONDITION_PROBLEMS],
  cost: 2,
  example: { params: exampleParams, query: { limit: '20' } },
});

export const countViewConversations = defineOperation({
  ...reading,
  name: 'views.count',
  method: 'GET',
  path: '/v1/views/{id}/count',
  summary: 'Count the conversations of a view, all of them or by group',
  params: byId,
  query: z.strictObject({ group_by: z.enum(GROUPS).optional() }),
  responses: { 200: { description: 'How many there are.', schema: conversationCount } },
  problems: [...FIELD_CONDITION_PROBLEMS],
  cost: 2,
  example: { params: exampleParams, query: { group_by: 'priority' } },
});
