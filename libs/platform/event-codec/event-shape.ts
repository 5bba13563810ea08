import avro from 'avsc';
import type { EventSchema, EventSchemaJson } from '../../contract/event-schema.js';
import { netstring } from '../keys/netstring.js';

export interface PersonalField {
  name: string;
  /** The name as it is framed in the additional data. */
  framed: string;
  optional: boolean;
}

/** One schema, made ready for the hot path. */
export interface EventShape {
  schema: EventSchema;
  fingerprint: Buffer;
  /** Reads and writes the event's own bytes, as `{ meta, data }`. */
  avro: avro.Type;
  personal: readonly PersonalField[];
}

export function shapeOf(schema: EventSchema): EventShape {
  return {
    schema,
    fingerprint: Buffer.from(schema.fingerprint, 'hex'),
    avro: splitType(schema.schema),
    personal: schema.personal.map((field) => ({
      name: field,
      framed: netstring(field),
      optional: schema.schema.fields.some(({ name, type }) => name === field && Array.isArray(type)),
    })),
  };
}

/**
 * Avro writes a record as its fields one after another, and nothing else. So the fields after `meta` can be read and
 * written as a record of their own, with the same bytes: the envelope and the data come apart without copying.
 */
export function splitType({ name, namespace, fields }: EventSchemaJson): avro.Type {
  const [meta, ...data] = fields;
  const split = {
    type: 'record',
    name,
    namespace,
    fields: [meta, { name: 'data', type: { type: 'record', name: `${name}Data`, fields: data } }],
  };
  return avro.Type.forSchema(split as avro.Schema, { wrapUnions: 'never', omitRecordMethods: true });
}
