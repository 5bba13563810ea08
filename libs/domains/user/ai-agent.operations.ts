import { z } from 'zod';
import {
  externalIdField,
  idField,
  keyed,
  pageOf,
  pageQuery,
  textField,
  timeField,
} from '../../platform/operations/fields.js';
import { defineOperation } from '../../platform/operations/operation.js';

const aiAgentResource = z
  .strictObject({
    id: idField('aia'),
    external_id: z.string(),
    name: z.string(),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'AiAgent' });

const upserted = z.strictObject({ id: idField('aia') }).meta({ id: 'UpsertedAiAgent' });

export const upsertAiAgent = defineOperation({
  name: 'ai_agents.upsert',
  method: 'POST',
  path: '/v1/ai_agents',
  summary: 'Make an AI agent known, or bring what is known up to date',
  description: 'The external id says which one. What the body leaves out is left as it is.',
  scopes: ['users:write'],
  changes: true,
  body: z.strictObject({
    external_id: externalIdField.describe('Unique in the workspace.'),
    name: textField(1, 200),
    ...keyed,
  }),
  responses: {
    200: { description: 'It was known before.', schema: upserted },
    201: { description: 'It is known now.', schema: upserted },
  },
  problems: ['person_erased'],
});

export const getAiAgent = defineOperation({
  name: 'ai_agents.get',
  method: 'GET',
  path: '/v1/ai_agents/{id}',
  summary: 'Read an AI agent',
  scopes: ['users:read'],
  changes: false,
  params: z.strictObject({ id: idField('aia') }),
  responses: { 200: { description: 'The AI agent.', schema: aiAgentResource } },
});

export const listAiAgents = defineOperation({
  name: 'ai_agents.list',
  method: 'GET',
  path: '/v1/ai_agents',
  summary: 'List AI agents, the newest first',
  scopes: ['users:read'],
  changes: false,
  query: z.strictObject({ external_id: externalIdField.optional(), ...pageQuery }),
  responses: { 200: { description: 'A page of AI agents.', schema: pageOf(aiAgentResource) } },
});
