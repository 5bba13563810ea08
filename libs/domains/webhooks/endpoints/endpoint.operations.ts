import { z } from 'zod';
import { idField, keyed, pageOf, pageQuery, textField, timeField } from '../../../platform/operations/fields.js';
import { defineOperation } from '../../../platform/operations/operation.js';
import { WEBHOOK_FILTER_PROBLEMS, webhookFilter, webhookFilterField } from '../filter/filter.schema.js';
import { CERTIFICATE_KEYS } from './client-certificate.js';
import { DEFAULT_SCHEDULE } from './endpoint.state.js';
import { headerNameField, headersField, headerValueField } from './own-headers.js';

const DAY_S = 86_400;

/** 24 to 64 bytes. */
const SECRET =
  /^whsec_(([A-Za-z0-9+/]{4}){8,20}([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?|([A-Za-z0-9+/]{4}){21}([A-Za-z0-9+/][AQgw]==)?)$/;

const byId = z.strictObject({ id: idField('whe') });
const exampleParams = { id: 'whe_0198f2c0a1b27c3d8e4f5a6b7c8d9e01' };
const changing = { scopes: ['webhooks:write'], changes: true, versioned: true } as const;
/** Whoever says where events go to reads them. */
const directing = { ...changing, scopes: ['webhooks:write', 'events:read'] } as const;
const reading = { scopes: ['webhooks:read'], changes: false } as const;

const secretField = z
  .string()
  .regex(SECRET, 'is not whsec_ and 24 to 64 bytes in base64')
  .optional()
  .describe('One of your own: `whsec_` and 24 to 64 bytes in base64. Left out, one is made.');
const publicKeyField = z
  .string()
  .describe('What signatures of the kind `v1a` are verified with: `whpk_` and the ed25519 key in base64.');
const certificateField = z
  .strictObject({
    certificate: textField(1, 32_768).describe('PEM, with those that it is signed by, if any.'),
    private_key: textField(1, 16_384).describe(
      `PEM, without a pass phrase: ${CERTIFICATE_KEYS}. It is not shown again.`,
    ),
  })
  .nullable()
  .optional()
  .describe('Shown to the endpoint over TLS (mTLS).');
const scheduleText = DEFAULT_SCHEDULE.map(String).join(', ');

/** What is said alike when an endpoint is made and when it is changed. */
const settings = {
  description: textField(1, 500).nullable().optional(),
  filter: webhookFilterField.nullable().optional().describe('What the events have to meet; null: nothing more.'),
  pin: z
    .string()
    .max(4000)
    .optional()
    .describe('Versions that events of these types are sent in, whatever the newest is: `message.created@1.0`.'),
  concurrency: z.int().min(1).max(100).optional().describe('How many attempts may be under way at a time: 10.'),
  rate_limit: z.int().min(1).max(10_000).nullable().optional().describe('Attempts a second at most; null: no bound.'),
  retry_schedule: z
    .array(
      z
        .int()
        .min(1)
        .max(7 * DAY_S),
    )
    .min(1)
    .max(50)
    .optional()
    .describe(
      `Seconds before each further attempt; each is lengthened by up to 20 % at random. Left out: ${scheduleText}, which is ${DEFAULT_SCHEDULE.length + 1} attempts over 5.4 days.`,
    ),
  signatures: z
    .array(z.enum(['v1', 'v1a']))
    .min(1)
    .max(2)
    .optional()
    .describe('Of Standard Webhooks: `v1` (HMAC-SHA256), which is usual, and `v1a` (ed25519).'),
  body_signature_header: headerNameField
    .nullable()
    .optional()
    .describe(
      'For older receivers: the header that has the hex HMAC-SHA256 of the body, keyed by the text of the secret.',
    ),
  client_certificate: certificateField,
};
const urlField = textField(1, 2000).describe(
  'An https URL, without a user and a fragment. It is in events: what is secret belongs into a header.',
);
const typesField = z
  .array(z.string().min(1).max(100))
  .min(1)
  .max(100)
  .describe('Types of events, groups such as `conversation.updated`, all of a noun (`message.*`), or all (`*`).');

const endpointResource = z
  .strictObject({
    id: idField('whe'),
    url: z.string(),
    description: z.string().nullable(),
    enabled: z.boolean(),
    disabled_reason: z
      .string()
      .nullable()
      .describe('`request`: somebody disabled it; `gone`: it answered 410; `failing`: it failed for days.'),
    types: z.array(z.string()),
    filter: webhookFilter.nullable(),
    pin: z.string(),
    ordered: z.boolean(),
    concurrency: z.int(),
    rate_limit: z.int().nullable(),
    retry_schedule: z.array(z.int()),
    signatures: z.array(z.string()),
    body_signature_header: z.string().nullable(),
    header_names: z.array(z.string()).describe('Of its own headers; their values are shown to nobody.'),
    client_certificate_sha256: z.string().nullable().describe('Of the certificate, in hex.'),
    previous_secret_until: timeField
      .nullable()
      .describe('Until then the secret before the last rotation signs, too; null where it does not.'),
    failing_since: timeField
      .nullable()
      .describe('Since when it has taken nothing, where what it was sent last failed; null where it was taken.'),
    created_at: timeField,
    updated_at: timeField,
  })
  .meta({ id: 'WebhookEndpoint' });

const changed = (description: string) => ({
  200: { description, schema: z.strictObject({ id: idField('whe') }).meta({ id: 'ChangedWebhookEndpoint' }) },
});
const withSecret = { id: idField('whe'), secret: z.string(), public_key: publicKeyField };

export const createEndpoint = defineOperation({
  ...directing,
  name: 'webhook_endpoints.create',
  method: 'POST',
  path: '/v1/webhook_endpoints',
  summary: 'Have events sent to a URL',
  description: `Events that are recorded from now on. What fails is tried again by \`retry_schedule\`. A workspace has 1,000
endpoints at most. The key needs \`events:read\` as well, for an endpoint reads whatever events it asks for.`,
  body: z.strictObject({
    url: urlField,
    types: typesField,
    ...settings,
    ordered: z
      .boolean()
      .optional()
      .describe(
        'Whether events of one stream are sent one after another, each when the one before was taken. It stays so.',
      ),
    headers: headersField(headerValueField)
      .optional()
      .describe('Sent with each attempt, by name, 20 at most. Their values are not shown again.'),
    secret: secretField,
    ...keyed,
  }),
  responses: {
    201: {
      description: 'The endpoint, with the secret that verifies what it is sent.',
      schema: z.strictObject(withSecret).meta({ id: 'CreatedWebhookEndpoint' }),
    },
  },
  problems: [...WEBHOOK_FILTER_PROBLEMS, 'invalid_value', 'too_many'],
  example: {
    body: {
      url: 'https://hooks.example.org/heddle',
      types: ['conversation.updated', 'message.created'],
      description: 'The shop',
      headers: { 'X-Shop': 'loom' },
    },
  },
});

export const updateEndpoint = defineOperation({
  ...directing,
  name: 'webhook_endpoints.update',
  method: 'PATCH',
  path: '/v1/webhook_endpoints/{id}',
  summary: 'Change where events are sent, which, and how',
  description:
    'A JSON Merge Patch (RFC 7396), of `headers` as well: null takes one away. A filter is replaced whole. Each thing that changes is an event of its own.',
  conditional: true,
  consumes: 'application/merge-patch+json',
  params: byId,
  body: z.strictObject({
    url: urlField.optional(),
    types: typesField.optional(),
    ...settings,
    headers: headersField(headerValueField.nullable()).nullable().optional(),
    ...keyed,
  }),
  responses: changed('The endpoint is as the patch says.'),
  problems: [...WEBHOOK_FILTER_PROBLEMS, 'invalid_value', 'changed_meanwhile'],
  example: { params: exampleParams, body: { types: ['*'], rate_limit: 100, headers: { 'X-Shop': null } } },
});

export const getEndpoint = defineOperation({
  ...reading,
  name: 'webhook_endpoints.get',
  method: 'GET',
  path: '/v1/webhook_endpoints/{id}',
  summary: 'Read a webhook endpoint',
  versioned: true,
  params: byId,
  responses: { 200: { description: 'The endpoint, without its secrets.', schema: endpointResource } },
  example: { params: exampleParams },
});

export const listEndpoints = defineOperation({
  ...reading,
  name: 'webhook_endpoints.list',
  method: 'GET',
  path: '/v1/webhook_endpoints',
  summary: 'List webhook endpoints, the last made here first',
  query: z.strictObject({
    enabled: z
      .enum(['true', 'false'])
      .optional()
      .describe('`true`: those that are sent events; `false`: those that are disabled; left out: both.'),
    ...pageQuery,
  }),
  responses: { 200: { description: 'A page of endpoints.', schema: pageOf(endpointResource) } },
  example: { query: { enabled: 'true', limit: '20' } },
});

export const disableEndpoint = defineOperation({
  ...changing,
  name: 'webhook_endpoints.disable',
  method: 'POST',
  path: '/v1/webhook_endpoints/{id}/disable',
  summary: 'Send an endpoint nothing until it is enabled',
  conditional: true,
  params: byId,
  body: z.strictObject({ ...keyed }),
  responses: changed('The endpoint is disabled.'),
  example: { params: exampleParams, body: {} },
});

export const enableEndpoint = defineOperation({
  ...changing,
  name: 'webhook_endpoints.enable',
  method: 'POST',
  path: '/v1/webhook_endpoints/{id}/enable',
  summary: 'Send an endpoint events again',
  conditional: true,
  params: byId,
  body: z.strictObject({ ...keyed }),
  responses: changed('The endpoint is enabled.'),
  example: { params: exampleParams, body: {} },
});

export const deleteEndpoint = defineOperation({
  ...changing,
  name: 'webhook_endpoints.delete',
  method: 'DELETE',
  path: '/v1/webhook_endpoints/{id}',
  summary: 'Delete a webhook endpoint, for good',
  description: 'Nothing is sent to it any more. Its events stay on the log.',
  conditional: true,
  params: byId,
  responses: changed('The endpoint is gone.'),
  example: { params: exampleParams },
});

export const rotateSecret = defineOperation({
  ...changing,
  name: 'webhook_endpoints.rotate_secret',
  method: 'POST',
  path: '/v1/webhook_endpoints/{id}/rotate_secret',
  summary: 'Give an endpoint another secret, and another ed25519 key',
  description:
    'For so long as the overlap lasts both sign: a receiver that knows either verifies what it is sent. One that was in its overlap before ends to sign.',
  conditional: true,
  params: byId,
  body: z.strictObject({
    overlap_seconds: z
      .int()
      .min(0)
      .max(7 * DAY_S)
      .default(DAY_S)
      .describe('For how long the secret before signs as well; 0: not at all.'),
    secret: secretField,
    ...keyed,
  }),
  responses: {
    200: {
      description: 'The new secret.',
      schema: z
        .strictObject({ ...withSecret, previous_secret_until: timeField.nullable() })
        .meta({ id: 'RotatedWebhookSecret' }),
    },
  },
  problems: ['changed_meanwhile'],
  example: { params: exampleParams, body: { overlap_seconds: 3600 } },
});

export const getSecret = defineOperation({
  name: 'webhook_endpoints.secret',
  method: 'GET',
  path: '/v1/webhook_endpoints/{id}/secret',
  summary: 'Read the secret that verifies what an endpoint is sent',
  scopes: ['webhooks:write'],
  changes: false,
  versioned: true,
  params: byId,
  responses: {
    200: {
      description: 'The secret, and the public key.',
      schema: z
        .strictObject({ ...withSecret, previous_secret_until: timeField.nullable() })
        .meta({ id: 'WebhookSecret' }),
    },
  },
  example: { params: exampleParams },
});
