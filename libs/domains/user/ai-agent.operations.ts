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
  access: 'workspace',
  scopes: ['users:write'],
  changes: true,
  versioned: true,
  params: z.strictObject({}),
  query: z.strictObject({}),
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
  cost: 1,
  stability: 'beta',
  example: { body: { external_id: 'night-shift', name: 'Night shift' } },
});

export const getAiAgent = defineOperation({
  name: 'ai_agents.get',
  method: 'GET',
  path: '/v1/ai_agents/{id}',
  summary: 'Read an AI agent',
  access: 'workspace',
  scopes: ['users:read'],
  changes: false,
  versioned: true,
  params: z.strictObject({ id: idField('aia') }),
  query: z.strictObject({}),
  body: null,
  responses: { 200: { description: 'The AI agent.', schema: aiAgentResource } },
  cost: 1,
  stability: 'beta',
});

export const listAiAgents = defineOperation({
  name: 'ai_agents.list',
  method: 'GET',
  path: '/v1/ai_agents',
  summary: 'List AI agents, the newest first',
  access: 'workspace',
  scopes: ['users:read'],
  changes: false,
  params: z.strictObject({}),
  query: z.strictObject({ external_id: externalIdField.optional(), ...pageQuery }),
  body: null,
  responses: { 200: { description: 'A page of AI agents.', schema: pageOf(aiAgentResource) } },
  cost: 1,
  stability: 'beta',
});
