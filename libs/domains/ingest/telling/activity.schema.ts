import { z } from 'zod';
import { externalIdField, idField, instantField, textField } from '../../../platform/operations/fields.js';

/** Lower-case words with dots between them, such as `invoice.paid`. */
export const ACTIVITY_TYPE = /^[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)*$/;
export const MOST_OF_TYPE = 128;
/** Whose word it is that names none. */
export const USUAL_SOURCE = 'api';

export const activityTypeField = z
  .string()
  .max(MOST_OF_TYPE)
  .regex(ACTIVITY_TYPE, 'is not a type such as invoice.paid (a-z, 0-9, - and _, dots between the words)');

const customer = z.union([
  z.strictObject({ id: idField('cus') }),
  z.strictObject({ external_id: externalIdField.describe('Where nobody is known by it, a placeholder is made.') }),
]);
const tenant = z.union([z.strictObject({ id: idField('ten') }), z.strictObject({ external_id: externalIdField })]);
const conversation = z.strictObject({ id: idField('conv') });

const activitySubject = z
  .union([z.strictObject({ customer }), z.strictObject({ tenant }), z.strictObject({ conversation })])
  .meta({ id: 'ActivitySubject', description: 'What an activity is about.' });

const fields = {
  id: textField(1, 255).optional().describe('Your id of it: with the same `source` it is recorded once, for ever.'),
  type: activityTypeField.describe('What happened, in your words.'),
  source: textField(1, 255).optional().describe('Which of your systems tells it; `api` where it is left out.'),
  subject: activitySubject,
  occurred_at: instantField
    .optional()
    .describe('When it happened: ten years back to an hour ahead; now where it is left out.'),
  data: z.unknown().describe('What is to be said of it: any JSON, of 256 KiB at most.'),
};

/** One activity, as JSON bodies and lines of NDJSON have it. */
export const activity = z.strictObject(fields).meta({ id: 'Activity' });

/** One activity whose id may also be given as the request's idempotency key. */
export const oneActivity = z.strictObject({
  ...fields,
  idempotency_key: textField(1, 255).optional().describe('The same as the Idempotency-Key header.'),
});

export const MOST_ROWS = 1000;

export const activityBatch = z.strictObject({
  events: z.array(activity).min(1).max(MOST_ROWS).describe('Each has its own outcome.'),
  idempotency_key: textField(1, 255).optional().describe('The same as the Idempotency-Key header.'),
});

/** What a CloudEvents subject names: `customer/cus_…`, `customer/external/<id>`, and so on. */
const SUBJECT =
  /^(customer\/cus_[0-9a-f]{32}|tenant\/ten_[0-9a-f]{32}|conversation\/conv_[0-9a-f]{32}|(customer|tenant)\/external\/.+)$/s;

/**
 * An event of CloudEvents 1.0 in its JSON format. Its id is the activity's, known again by id and source, as that standard
 * has it. Extension attributes are taken, and not kept.
 */
export const cloudEvent = z
  .object({
    specversion: z.literal('1.0'),
    id: textField(1, 255),
    source: textField(1, 255),
    type: activityTypeField,
    subject: textField(1, 273)
      .regex(
        SUBJECT,
        'is not customer/<cus_…>, tenant/<ten_…>, conversation/<conv_…>, customer/external/<id> or tenant/external/<id>',
      )
      .describe(
        'What it is about: `customer/<cus_…>`, `customer/external/<your id>`, `tenant/<ten_…>`, `tenant/external/<your id>` or `conversation/<conv_…>`.',
      ),
    time: instantField.optional(),
    datacontenttype: z.string().optional(),
    dataschema: z.string().optional(),
    data: z.unknown().optional().describe('Any JSON; null where it is left out.'),
    data_base64: z.never().optional().describe('Bytes are not taken: send JSON.'),
  })
  .loose()
  .meta({ id: 'CloudEvent' });

export const cloudEvents = z.array(cloudEvent).min(1).max(MOST_ROWS);

export type Activity = z.output<typeof activity>;
export type CloudEvent = z.output<typeof cloudEvent>;
