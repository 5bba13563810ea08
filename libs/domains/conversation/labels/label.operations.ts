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

const nameField = textField(1, 100).describe('Unique in the workspace, whatever its case.');
const colorField = z.string().regex(/^#[0-9a-f]{6}$/, 'is not a colour such as #4477aa');
const descriptionField = textField(1, 500).nullable();
const byId = z.strictObject({ id: idField('lbl') });

export const labelResource = z
  .strictObject({
    id: idField('lbl'),
    name: z.string(),
    color: z.string(),
    description: z.string().nullable(),
    archived: z.boolean().describe('It stays where it is, and is put on no more conversations.'),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'Label' });

export const upsertLabel = defineOperation({
  ...upsertOf('lbl', 'UpsertedLabel'),
  description: 'The name says which one, whatever its case. What the body leaves out is left as it is.',
  name: 'labels.upsert',
  path: '/v1/labels',
  summary: 'Make a label, or bring one up to date',
  scopes: ['conversations:write'],
  body: z.strictObject({
    name: nameField,
    color: colorField.optional(),
    description: descriptionField.optional(),
    ...keyed,
  }),
  example: { body: { name: 'Billing', color: '#4477aa', description: 'Invoices, payments, refunds' } },
});

export const updateLabel = defineOperation({
  name: 'labels.update',
  method: 'PATCH',
  path: '/v1/labels/{id}',
  summary: 'Rename, recolour, describe or archive a label',
  description: 'A JSON Merge Patch (RFC 7396); each field that changes is an event of its own.',
  scopes: ['conversations:write'],
  changes: true,
  versioned: true,
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: byId,
  body: z.strictObject({
    name: nameField.optional(),
    color: colorField.optional(),
    description: descriptionField.optional(),
    archived: z.boolean().optional(),
    ...keyed,
  }),
  responses: {
    200: {
      description: 'The label is as the patch says.',
      schema: z.strictObject({ id: idField('lbl') }).meta({ id: 'UpdatedLabel' }),
    },
  },
  problems: ['external_id_taken'],
  example: { params: { id: 'lbl_0198f2c0a1b27c3d8e4f5a6b7c8d9e06' }, body: { description: null, archived: true } },
});

export const getLabel = defineOperation({
  name: 'labels.get',
  method: 'GET',
  path: '/v1/labels/{id}',
  summary: 'Read a label',
  scopes: ['conversations:read'],
  changes: false,
  versioned: true,
  params: byId,
  responses: { 200: { description: 'The label.', schema: labelResource } },
  example: { params: { id: 'lbl_0198f2c0a1b27c3d8e4f5a6b7c8d9e06' } },
});

export const listLabels = defineOperation({
  name: 'labels.list',
  method: 'GET',
  path: '/v1/labels',
  summary: 'List labels, the last made here first',
  scopes: ['conversations:read'],
  changes: false,
  query: z.strictObject({ ...archivedQuery, ...pageQuery }),
  responses: { 200: { description: 'A page of labels.', schema: pageOf(labelResource) } },
  example: { query: { limit: '20' } },
});
