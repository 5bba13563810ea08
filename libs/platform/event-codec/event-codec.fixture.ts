import { createSecretKey, randomBytes } from 'node:crypto';
import avro from 'avsc';
import type { EventSchema, EventSchemaJson } from '../../contract/event-schema.js';
import type { EventMeta } from '../kernel/event.js';
import { newId, newUuid } from '../kernel/id.js';
import type { DataKey, Keyring } from '../keys/data-key.js';

export function personKey(subject = newId('cus')): DataKey {
  return { id: Buffer.from(newUuid(), 'hex'), subject, key: createSecretKey(randomBytes(32)), withheld: null };
}

export function keyringOf(...keys: DataKey[]): Keyring {
  return new Map(keys.map((key) => [key.id.toString('hex'), key]));
}

export function metaOf(type: string, more: Partial<EventMeta> = {}): EventMeta {
  return {
    id: newId('evt'),
    workspace: newId('wsp'),
    stream: newId('conv'),
    seq: 1,
    type,
    occurred_at: 1_557_000_000_123,
    recorded_at: 1_795_000_000_456,
    actor: { type: 'api_key', id: newId('key'), on_behalf_of: null },
    correlation_id: null,
    causation_id: null,
    traceparent: null,
    ext: {},
    ...more,
  };
}

interface Change {
  version?: number;
  revision?: number;
  add?: EventSchemaJson['fields'];
  remove?: string;
}

/** A schema as it might come after another: of a later revision or version, with fields more or fewer. */
export function laterSchema(before: EventSchema, { version = before.version, revision = 0, add = [], remove }: Change) {
  const name = `${before.schema.name}${version > before.version ? `V${version}` : ''}`;
  const fields = [...before.schema.fields.filter((field) => field.name !== remove), ...add];
  const schema: EventSchemaJson = { ...before.schema, name, fields };
  return {
    ...before,
    record: `${schema.namespace}.${name}`,
    version,
    revision,
    fingerprint: avro.Type.forSchema(schema as unknown as avro.Schema, { wrapUnions: 'never' })
      .fingerprint('md5')
      .toString('hex'),
    schema,
  } satisfies EventSchema;
}
