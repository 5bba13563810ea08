import { z } from 'zod';
import { idField, timeField } from '../operations/fields.js';

const party = z.strictObject({ type: z.string(), id: z.string() });

/** An event as the API shows it, on every transport. */
export const recordedEventResource = z
  .strictObject({
    id: idField('evt'),
    type: z.string().describe('`<noun>.<what_happened>`, such as `message.created`.'),
    stream: z.string().describe('The id of what it happened to, such as `conv_…`.'),
    seq: z.int().min(1).describe('Its place on its stream, without gaps from 1.'),
    position: z.int().min(1).describe('Its place in the store, in the order of commit.'),
    occurred_at: timeField.describe('When it happened.'),
    recorded_at: timeField.describe('When Heddle learned of it.'),
    actor: z
      .strictObject({ type: z.string(), id: z.string(), on_behalf_of: party.optional() })
      .describe('Who called; the author of a message stands in `data`.'),
    data: z
      .record(z.string(), z.unknown())
      .describe('What happened; the catalogue of events has the fields of each type.'),
  })
  .meta({ id: 'RecordedEvent' });

/** The same on a list and a stream of all events, with the cursor that stands right after it. */
export const eventOnStreamResource = recordedEventResource
  .extend({ cursor: z.string().describe('The public cursor right after it: a list or a stream goes on from there.') })
  .meta({ id: 'EventOnStream' });
