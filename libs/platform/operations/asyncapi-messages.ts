import type { EventSchema } from '../../contract/event-schema.js';
import { dataSchema } from '../event-schemas/data-schema.js';
import { exampleEvent } from '../event-schemas/example-event.js';
import { versionOf } from '../event-schemas/schema-catalogue.js';
import type { AsyncApiMessage, Reference } from './asyncapi-types.js';
import type { JsonSchema } from './openapi-types.js';

const text = { type: 'string' };
const cursor: JsonSchema = { type: 'string', description: 'An opaque place in the log, to go on from.' };
const place: JsonSchema = { ...cursor, type: ['string', 'null'] };
const type = (name: string): JsonSchema => ({ const: name });

const object = (description: string, properties: Record<string, JsonSchema>, optional: readonly string[] = []) => ({
  type: 'object',
  description,
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

/** What is said on streams beside events; none of it is on the log. */
export const STREAM_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  heartbeat: object('Nothing happened that the reader asked for up to here; its place moves.', {
    type: type('heartbeat'),
    cursor: place,
  }),
  closed: object('The last words: why it ends, and from where to go on.', {
    type: type('closed'),
    reason: { ...text, description: 'Such as `slow_reader`, `key_revoked`, `shutdown` or `store_restored`.' },
    cursor: place,
  }),
  typing: object('Somebody writes at this moment.', {
    type: type('typing'),
    transient: { const: true },
    stream: { ...text, description: 'The conversation.' },
    data: { type: 'object' },
  }),
  presence: object('Who is at a conversation at this moment.', {
    type: type('presence'),
    transient: { const: true },
    stream: { ...text, description: 'The conversation.' },
    data: { type: 'object' },
  }),
};

/**
 * The same where one stream goes on as server-sent events (`platform/live/server-sent-events.ts`), by their names there: the
 * name stands beside the data and not in it. A heartbeat has no data, and is no message.
 */
export const SSE_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  'sse.closed': object('The last words: why it ends, and from where to go on.', {
    reason: STREAM_SCHEMAS.closed!.properties!.reason!,
    cursor: place,
  }),
  'sse.typing': signalOf('typing', 'typing'),
  'sse.presence': signalOf('presence', 'present'),
};

function signalOf(name: string, field: string): JsonSchema {
  return object(STREAM_SCHEMAS[name]!.description!, {
    conversation_id: text,
    party: { type: 'object', description: 'Who it is.' },
    [field]: { type: 'boolean' },
    expires_at: { ...text, format: 'date-time', description: 'Until then, where it is not said again.' },
  });
}

/** The headers of a record on Kafka. */
const RECORD_HEADERS: JsonSchema = object(
  'The envelope again, for routing.',
  {
    'heddle-event-id': { ...text, description: 'The event’s id.' },
    'heddle-type': { ...text, description: 'Its type.' },
    'heddle-store': { ...text, description: 'The id of the store that it comes from, 32 hex digits.' },
    'heddle-position': { ...text, description: 'Its place in that store, in decimal digits.' },
    traceparent: { ...text, description: 'W3C trace context, where the envelope has it.' },
  },
  ['traceparent'],
);

export function messageRef(name: string): Reference {
  return { $ref: `#/components/messages/${name}` };
}

export function schemaRef(name: string): Reference {
  return { $ref: `#/components/schemas/${name}` };
}

/** An event as the API shows it, and what its transports put beside it. */
export function streamedEvent({ additionalProperties: _, properties = {}, ...rest }: JsonSchema): JsonSchema {
  return {
    ...rest,
    description: 'An event as the API shows it.',
    properties: {
      ...properties,
      cursor: {
        ...cursor,
        description:
          'The place after it. Of server-sent events it is the `id`, and stands there alone where one stream is read.',
      },
      subscription: { ...text, description: 'On a WebSocket: the subscription that it was asked for by.' },
    },
  };
}

/** The schema of an event of the newest version as the API shows it: the envelope, with its type and data. */
export function eventPayload(schema: EventSchema): JsonSchema {
  const { $schema: _, ...data } = dataSchema(schema);
  return { allOf: [schemaRef('StreamedEvent'), { properties: { type: type(schema.type), data } }] };
}

/** An event on the transports of the API. */
export function eventMessage(schema: EventSchema): AsyncApiMessage {
  return {
    name: schema.type,
    title: schema.type,
    summary: schema.doc,
    contentType: 'application/json',
    payload: schemaRef(schema.type),
    examples: [{ name: schema.type, payload: exampleEvent(schema) }],
  };
}

/** What a record of one version is called among the messages: revisions share their record. */
export function recordName(schema: EventSchema): string {
  return `${schema.record}-${versionOf(schema)}`;
}

/** The same Avro schema, with each full name as name and namespace: AsyncAPI's own schema of Avro takes no dots in a name. */
function withNamespaces(avro: unknown): unknown {
  if (Array.isArray(avro)) return avro.map(withNamespaces);
  if (typeof avro !== 'object' || avro === null) return avro;
  const inner = Object.fromEntries(Object.entries(avro).map(([key, value]) => [key, withNamespaces(value)]));
  const { name } = inner;
  if (typeof name !== 'string' || !name.includes('.')) return inner;
  const dot = name.lastIndexOf('.');
  return { ...inner, name: name.slice(dot + 1), namespace: name.slice(0, dot) };
}

/** An event on Kafka, as it was written. */
export function recordMessage(schema: EventSchema): AsyncApiMessage {
  return {
    name: schema.record,
    title: `${schema.type} ${versionOf(schema)} on Kafka`,
    summary: schema.doc,
    contentType: 'application/vnd.confluent.avro',
    headers: RECORD_HEADERS,
    payload: { schemaFormat: 'application/vnd.apache.avro;version=1.9.0', schema: withNamespaces(schema.schema) },
    bindings: {
      kafka: {
        key: { ...text, description: 'The id of the stream.' },
        schemaIdLocation: 'payload',
        schemaIdPayloadEncoding: 'confluent',
        bindingVersion: '0.5.0',
      },
    },
  };
}

/** `name` is what its schema is called. */
export function otherMessage(name: string, schema: JsonSchema): AsyncApiMessage {
  const { description } = schema;
  return {
    name: name.replace(/^sse\./, ''),
    title: name,
    ...(description === undefined ? {} : { summary: description }),
    contentType: 'application/json',
    payload: schemaRef(name),
  };
}
