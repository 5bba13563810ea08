import avro from 'avsc';
import type { EventSchema } from '../../contract/event-schema.js';

/** What the relay has to know of an event besides its bytes. Times are milliseconds since 1970. */
export interface Envelope {
  id: string;
  stream: string;
  recordedAt: number;
  traceparent: string | null;
}

interface Meta {
  id: string;
  stream: string;
  recorded_at: number;
  traceparent: string | null;
}

/**
 * Reads the envelope alone: it is an event's first field, and Avro writes a record's fields one after another, so what
 * follows need not be looked at.
 */
export class EnvelopeReader {
  private readonly byFingerprint = new Map<string, avro.Type>();

  constructor(contract: readonly EventSchema[]) {
    for (const { fingerprint, schema } of contract) {
      const { name, namespace, fields } = schema;
      const envelope = { type: 'record', name, namespace, fields: fields.slice(0, 1) };
      const options = { wrapUnions: 'never', omitRecordMethods: true } as const;
      this.byFingerprint.set(fingerprint, avro.Type.forSchema(envelope as avro.Schema, options));
    }
  }

  /** The fingerprint in 32 hex digits. Null for a schema that the contract lacks, and for bytes that are not of it. */
  read(fingerprint: string, payload: Buffer): Envelope | null {
    const type = this.byFingerprint.get(fingerprint);
    if (type === undefined) return null;
    try {
      const { value, offset } = type.decode(payload, 0) as { value: { meta: Meta } | undefined; offset: number };
      if (value === undefined || offset < 0) return null;
      const { id, stream, recorded_at: recordedAt, traceparent } = value.meta;
      return { id, stream, recordedAt: Number(recordedAt), traceparent };
    } catch {
      return null;
    }
  }
}
