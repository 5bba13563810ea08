import { z } from 'zod';
import { idField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { activity, activityBatch, cloudEvent, cloudEvents, oneActivity } from './activity.schema.js';

/** 1,000 rows of 8 KiB. */
const BODY_LIMIT = 8 * 1024 * 1024;

const recorded = z.strictObject({
  status: z.literal('recorded'),
  event: idField('evt'),
  stream: idField('act').describe("Its subject's activities."),
  seq: z.int().min(1).describe('Its place on the stream.'),
  subject: z.string().describe('What it is about, by its id: of a customer who was not known, the new one.'),
  timing: z
    .enum(['on_time', 'late', 'future'])
    .describe('`late`: it happened more than an hour ago; `future`: it is to happen in more than a minute.'),
});
const duplicate = z.strictObject({
  status: z.literal('duplicate'),
  event: idField('evt').describe('The one that was recorded first.'),
});
const refused = z.strictObject({
  status: z.literal('refused'),
  problem: z
    .strictObject({
      type: z.string(),
      title: z.string(),
      status: z.int(),
      code: z.string(),
      detail: z.string(),
      errors: z.array(z.strictObject({ pointer: z.string(), message: z.string() })).optional(),
    })
    .describe('As it would be the answer to this row alone.'),
});
const outcomes = z
  .strictObject({
    recorded: z.int().min(0),
    duplicates: z.int().min(0),
    refused: z.int().min(0),
    data: z.array(z.union([recorded, duplicate, refused])).describe('An outcome a row, in their order.'),
  })
  .meta({ id: 'ActivityOutcomes' });

export const recordEvents = defineOperation({
  name: 'events.record',
  method: 'POST',
  path: '/v1/events',
  summary: 'Tell what happened in your own systems',
  description:
    'Activities of customers, tenants and conversations: one, or up to 1,000 at once, of 8 MiB together. Each is an event ' +
    '`activity.recorded`, on the log when the answer comes. One activity is answered with its outcome, or with its ' +
    'problem; of several each has its outcome in `data`, and one that is refused leaves the others as they are. Where no ' +
    'customer is known by an external id, a placeholder is made, whom a later upsert of the same external id makes known. ' +
    'A batch costs 1 for every 100 rows.',
  scopes: ['events:write'],
  changes: true,
  body: z.union([oneActivity, activityBatch]),
  alsoConsumes: {
    'application/x-ndjson': activity,
    'application/cloudevents+json': cloudEvent,
    'application/cloudevents-batch+json': cloudEvents,
  },
  rows: { bodyLimit: BODY_LIMIT },
  responses: {
    200: {
      description: 'The activity was recorded before; or every row of several is recorded, now or before.',
      schema: z.union([duplicate, outcomes]),
    },
    201: { description: 'The activity is recorded.', schema: recorded },
    207: { description: 'Of several rows at least one was refused.', schema: outcomes },
  },
  problems: ['unknown_reference', 'invalid_value', 'person_erased', 'archived', 'event_data_invalid'],
  example: {
    body: {
      id: 'inv-2041-paid',
      type: 'invoice.paid',
      source: 'billing',
      subject: { customer: { external_id: 'shop-1815' } },
      data: { invoice: '2041', amount: 4900, currency: 'EUR' },
    },
  },
});
