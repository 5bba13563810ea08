import { z } from 'zod';
import { cursorField, idField, limitField, pageOf, slugField, textField } from './fields.js';
import { defineOperation } from './operation.js';

const Shelf = z
  .strictObject({ id: idField('wsp'), name: textField(1, 80), slug: slugField.nullable() })
  .meta({ id: 'Shelf' });

const Owner = z
  .strictObject({ type: z.enum(['user', 'ai_agent']), id: textField(1, 64).describe('Who it is.') })
  .meta({ id: 'Owner' });

const Paint = z.strictObject({ colour: z.string().default('white') }).meta({ id: 'Paint' });

/** Operations of a resource that Heddle does not have, one of each kind, for the specs of what is made from them. */
export const listShelves = defineOperation({
  name: 'shelves.list',
  method: 'GET',
  path: '/v1/shelves',
  summary: 'List shelves.',
  scopes: ['admin:read'],
  changes: false,
  query: z.strictObject({
    status: z.enum(['full', 'empty']).optional().describe('Only those that are so.'),
    limit: limitField,
    cursor: cursorField.optional(),
  }),
  responses: { 200: { description: 'A page.', schema: pageOf(Shelf) } },
  stability: 'stable',
  example: { query: { limit: '2' } },
});

export const paintShelf = defineOperation({
  name: 'shelves.paint',
  method: 'PATCH',
  path: '/v1/shelves/{id}',
  summary: 'Paint a shelf.',
  description: 'The paint is dry at once.',
  access: 'workspace_or_root',
  scopes: ['admin:write'],
  changes: true,
  versioned: true,
  conditional: true,
  params: z.strictObject({ id: idField('wsp') }),
  body: z.strictObject({
    type: z.literal('oil'),
    owner: Owner.optional(),
    coats: z.number().int().min(1).max(9).optional(),
    primed: z.boolean().optional(),
    paint: Paint.optional(),
    tags: z.array(slugField).max(5).optional(),
    layers: z.array(z.strictObject({ depth: z.number() })).optional(),
    title: textField(1, 80).nullable().optional(),
    idempotency_key: z.string().optional(),
  }),
  responses: { 200: { description: 'The shelf.', schema: Shelf.extend({ paint: Paint }) } },
  problems: ['conversation_closed', 'person_erased'],
  cost: 2,
  example: { params: { id: 'wsp_0198f2c0a1b27c3d8e4f5a6b7c8d9e0f' }, body: { type: 'oil', coats: 2 } },
});

export const seeHealth = defineOperation({
  name: 'health.read',
  method: 'GET',
  path: '/healthz',
  summary: 'Say whether the process runs.',
  access: 'public',
  scopes: [],
  changes: false,
  responses: { 200: { description: 'It runs.', schema: z.strictObject({ ok: z.literal(true) }) } },
  cost: 0,
  stability: 'stable',
});
