import { z } from 'zod';
import {
  externalIdField,
  externalIdPageQuery,
  idField,
  keyed,
  pageOf,
  textField,
  timeField,
} from '../../platform/operations/fields.js';
import { defineOperation } from '../../platform/operations/operation.js';
import { upsertOf } from '../../platform/operations/upsert.js';

const aiAgentResource = z
  .strictObject({
    id: idField('aia'),
    external_id: z.string(),
    name: z.string(),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'AiAgent' });

export const upsertAiAgent = defineOperation({
  ...upsertOf('aia', 'UpsertedAiAgent'),
  name: 'ai_agents.upsert',
  path: '/v1/ai_agents',
  summary: 'Make an AI agent known, or bring what is known up to date',
  scopes: ['users:write'],
  body: z.strictObject({
    external_id: externalIdField.describe('Unique in the workspace.'),
    name: textField(1, 200),
    ...keyed,
  }),
  example: { body: { external_id: 'night-shift', name: 'Night shift' } },
});

export const getAiAgent = defineOperation({
  name: 'ai_agents.get',
  method: 'GET',
  path: '/v1/ai_agents/{id}',
  summary: 'Read an AI agent',
  scopes: ['users:read'],
  changes: false,
  versioned: true,
  params: z.strictObject({ id: idField('aia') }),
  responses: { 200: { description: 'The AI agent.', schema: aiAgentResource } },
  example: { params: { id: 'aia_0198f2c0a1b27c3d8e4f5a6b7c8d9e08' } },
});

export const listAiAgents = defineOperation({
  name: 'ai_agents.list',
  method: 'GET',
  path: '/v1/ai_agents',
  summary: 'List AI agents, the last made here first',
  scopes: ['users:read'],
  changes: false,
  query: externalIdPageQuery,
  responses: { 200: { description: 'A page of AI agents.', schema: pageOf(aiAgentResource) } },
  example: { query: { external_id: 'night-shift' } },
});
