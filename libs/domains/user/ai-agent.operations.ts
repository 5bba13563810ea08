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
import { availabilityBody, availabilityQuery, availabilityShown } from './availability/availability.fields.js';

const nameField = textField(1, 200);

const aiAgentResource = z
  .strictObject({
    id: idField('aia'),
    external_id: z.string(),
    name: z.string(),
    ...availabilityShown,
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
    name: nameField,
    ...availabilityBody,
    ...keyed,
  }),
  example: { body: { external_id: 'night-shift', name: 'Night shift' } },
});

export const updateAiAgent = defineOperation({
  name: 'ai_agents.update',
  method: 'PATCH',
  path: '/v1/ai_agents/{id}',
  summary: 'Change some of what is known of an AI agent',
  description: 'A JSON Merge Patch (RFC 7396); each thing that changes is an event of its own.',
  scopes: ['users:write'],
  changes: true,
  versioned: true,
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: z.strictObject({ id: idField('aia') }),
  body: z.strictObject({
    name: nameField.optional(),
    ...availabilityBody,
    ...keyed,
  }),
  responses: {
    200: {
      description: 'The AI agent is as the patch says.',
      schema: z.strictObject({ id: idField('aia') }).meta({ id: 'UpdatedAiAgent' }),
    },
  },
  example: {
    params: { id: 'aia_0198f2c0a1b27c3d8e4f5a6b7c8d9e03' },
    body: { status: 'available', skills: ['german', 'billing'], capacity: 8 },
  },
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
  query: externalIdPageQuery.extend(availabilityQuery),
  responses: { 200: { description: 'A page of AI agents.', schema: pageOf(aiAgentResource) } },
  example: { query: { external_id: 'night-shift' } },
});
