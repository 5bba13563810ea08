import { z } from 'zod';
import {
  externalIdField,
  externalIdPageQuery,
  idField,
  keyed,
  pageOf,
  pageQuery,
  textField,
  timeField,
} from '../../platform/operations/fields.js';
import { defineOperation } from '../../platform/operations/operation.js';
import { SCOPES } from '../../platform/operations/scope.js';

const root = { access: 'root', scopes: [] } as const;
const exampleWorkspace = 'wsp_0198f2c0a1b27c3d8e4f5a6b7c8d9e01';

const workspaceResource = z
  .strictObject({
    id: idField('wsp'),
    name: z.string(),
    external_id: z.string().nullable(),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'Workspace' });

const apiKeyResource = z
  .strictObject({
    id: idField('key'),
    workspace_id: idField('wsp'),
    name: z.string(),
    scopes: z.array(z.string()),
    created_at: timeField,
    revoked_at: timeField.nullable(),
  })
  .meta({ id: 'ApiKey' });

const upserted = z.strictObject({ id: idField('wsp') }).meta({ id: 'UpsertedWorkspace' });

export const createWorkspace = defineOperation({
  ...root,
  name: 'workspaces.create',
  method: 'POST',
  path: '/v1/workspaces',
  summary: 'Make a workspace',
  description: 'With an external id that is known, the workspace that has it gets the name, and the answer is 200.',
  changes: true,
  versioned: true,
  body: z.strictObject({
    name: textField(1, 200),
    external_id: externalIdField.optional().describe('Unique in the installation.'),
    ...keyed,
  }),
  responses: {
    200: { description: 'It was there before.', schema: upserted },
    201: { description: 'The workspace is there.', schema: upserted },
  },
  example: { body: { name: 'Warp & Weft', external_id: 'warp-and-weft' } },
});

export const listWorkspaces = defineOperation({
  ...root,
  name: 'workspaces.list',
  method: 'GET',
  path: '/v1/workspaces',
  summary: 'List workspaces, the last made here first',
  changes: false,
  query: externalIdPageQuery,
  responses: { 200: { description: 'A page of workspaces.', schema: pageOf(workspaceResource) } },
  example: { query: { external_id: 'warp-and-weft' } },
});

export const createApiKey = defineOperation({
  ...root,
  name: 'api_keys.create',
  method: 'POST',
  path: '/v1/api_keys',
  summary: 'Make a key for a workspace',
  description: 'The key is shown once. It works at once.',
  changes: true,
  versioned: true,
  body: z.strictObject({
    workspace_id: idField('wsp'),
    name: textField(1, 200),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .max(50)
      .describe('`*` is all of them but `keys:read`, which has to be named beside it.'),
    ...keyed,
  }),
  responses: {
    201: {
      description: 'The key, which is not shown again.',
      schema: z.strictObject({ id: idField('key'), key: z.string() }).meta({ id: 'CreatedApiKey' }),
    },
  },
  problems: ['unknown_reference'],
  example: {
    body: {
      workspace_id: exampleWorkspace,
      name: 'Chat on the website',
      scopes: ['conversations:write', 'customers:write'],
    },
  },
});

export const listApiKeys = defineOperation({
  ...root,
  name: 'api_keys.list',
  method: 'GET',
  path: '/v1/api_keys',
  summary: "List a workspace's keys, the last made here first",
  changes: false,
  query: z.strictObject({ workspace_id: idField('wsp'), ...pageQuery }),
  responses: { 200: { description: 'A page of keys, without their secrets.', schema: pageOf(apiKeyResource) } },
  example: { query: { workspace_id: exampleWorkspace, limit: '20' } },
});

export const revokeApiKey = defineOperation({
  ...root,
  name: 'api_keys.revoke',
  method: 'POST',
  path: '/v1/api_keys/{id}/revoke',
  summary: 'Make a key invalid, for ever',
  changes: true,
  versioned: true,
  params: z.strictObject({ id: idField('key') }),
  body: z.strictObject({ workspace_id: idField('wsp'), ...keyed }),
  responses: {
    200: {
      description: 'The key is invalid.',
      schema: z.strictObject({ id: idField('key') }).meta({ id: 'RevokedApiKey' }),
    },
  },
  example: { params: { id: 'key_0198f2c0a1b27c3d8e4f5a6b7c8d9e09' }, body: { workspace_id: exampleWorkspace } },
});
