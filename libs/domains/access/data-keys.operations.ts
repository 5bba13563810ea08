import { z } from 'zod';
import { defineOperation } from '../../platform/operations/operation.js';

const MOST_KEYS = 1000;

const keyId = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'is not a key id: the 16 bytes of key_id in 32 hex digits')
  .describe('`key_id` of a sealed field, in hex.');

const disclosedKey = z
  .strictObject({
    id: keyId,
    state: z
      .enum(['available', 'destroyed', 'unknown'])
      .describe('`destroyed`: the person was erased, and what was sealed is gone. `unknown`: not of this workspace.'),
    subject: z.string().nullable().describe('The person whom it is of, such as cus_…; null where it is unknown.'),
    key: z.string().nullable().describe('32 bytes in base64; null unless it is available.'),
    withheld: z
      .array(z.string())
      .describe(
        'Events that were redacted, as `<stream>/<seq>`: the key opens them, and whoever is given it shows them as `redacted`.',
      ),
  })
  .meta({ id: 'DisclosedKey' });

const sealing = z
  .strictObject({
    cipher: z.literal('AES-256-GCM'),
    nonce_bytes: z.literal(12).describe('The first bytes of `ciphertext`.'),
    tag_bytes: z.literal(16).describe('The last bytes of `ciphertext`.'),
    additional_data: z
      .tuple([z.literal('workspace'), z.literal('subject'), z.literal('event_id'), z.literal('field')])
      .describe('In this order, each as a netstring (`5:hello,`; the length in bytes of UTF-8), one after another.'),
  })
  .meta({ id: 'Sealing' })
  .describe('How a field is sealed with one of these keys.');

/** What `look_up` says of sealing, which is the same in every answer: see event-codec/sealing.ts and keys/aes-gcm.ts. */
export const SEALING: z.output<typeof sealing> = {
  cipher: 'AES-256-GCM',
  nonce_bytes: 12,
  tag_bytes: 16,
  additional_data: ['workspace', 'subject', 'event_id', 'field'],
};

export const lookUpDataKeys = defineOperation({
  name: 'data_keys.look_up',
  method: 'POST',
  path: '/v1/data_keys/look_up',
  summary: 'Get the keys of sealed fields, for reading events from Kafka',
  description: `For programs that read Kafka themselves: there the fields that identify people are sealed, each with the key of
the person whom they are about. Ids that the workspace does not know are answered as \`unknown\`. The scope \`keys:read\`
has to be named when the API key is made; \`*\` does not include it. Keep no key longer than a run needs it: an erasure
does not reach copies. Each request is in the log of the process, without the keys.`,
  scopes: ['keys:read'],
  changes: false,
  body: z.strictObject({ ids: z.array(keyId).min(1).max(MOST_KEYS).describe('Of one or many events.') }),
  responses: {
    200: {
      description: 'A key for each id, in their order.',
      schema: z.strictObject({ sealing, data: z.array(disclosedKey) }).meta({ id: 'DisclosedKeys' }),
    },
  },
  cost: 10,
  example: { body: { ids: ['0198f2c0a1b27c3d8e4f5a6b7c8d9e0a'] } },
});
