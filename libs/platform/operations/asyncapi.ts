import type { z } from 'zod';
import type { SchemaCatalogue } from '../event-schemas/schema-catalogue.js';
import { PARTITIONS } from '../kafka/topics.js';
import {
  eventMessage,
  eventPayload,
  messageRef,
  otherMessage,
  recordMessage,
  recordName,
  SSE_SCHEMAS,
  STREAM_SCHEMAS,
  streamedEvent,
} from './asyncapi-messages.js';
import type { AsyncApiChannel, AsyncApiDocument, AsyncApiOperation, Reference } from './asyncapi-types.js';
import { type Direction, SchemaComponents } from './openapi-schemas.js';
import type { JsonSchema, OpenApiDocument, OpenApiParameter } from './openapi-types.js';
import type { Operation } from './operation.js';

const DESCRIPTION = `Every event of Heddle's, on every transport: streams over HTTP (NDJSON and server-sent events), WebSockets,
and Kafka. Requests and their answers are in the [OpenAPI document](/openapi.json), events for people in the
[catalogue](/docs/events).`;

const SERVERS = {
  api: {
    host: '{host}',
    protocol: 'http',
    description: 'This installation; https where a proxy in front of it speaks TLS.',
    variables: { host: { default: '127.0.0.1:4400', description: 'Where Heddle is reached.' } },
  },
  sockets: {
    host: '{host}',
    protocol: 'ws',
    description: 'The same address; wss where a proxy in front of it speaks TLS.',
    variables: { host: { default: '127.0.0.1:4400', description: 'Where Heddle is reached.' } },
  },
  kafka: {
    host: '{broker}',
    protocol: 'kafka',
    description: 'The operator’s brokers, where the log is kept on Kafka. Topics hold all workspaces.',
    variables: { broker: { default: '127.0.0.1:9092', description: 'One of `KAFKA_BROKERS`.' } },
    bindings: {
      kafka: {
        schemaRegistryUrl: 'http://127.0.0.1:4400/registry',
        schemaRegistryVendor: 'confluent',
        bindingVersion: '0.5.0',
      },
    },
  },
};

type Messages = AsyncApiDocument['components']['messages'];

/**
 * The AsyncAPI 3.0 document of the streams among the operations and of the topics: made from the declarations and the
 * schemas of events, and from nothing else. `document` is the OpenAPI document of the same operations.
 */
export function asyncApiDocument(
  operations: readonly Operation[],
  catalogue: SchemaCatalogue,
  document: OpenApiDocument,
): AsyncApiDocument {
  const newest = catalogue.types.map((type) => catalogue.of(type).at(-1)!);
  const streams = operations.filter(({ live, socket }) => live !== undefined || socket === true);
  const spoken = new SchemaComponents();
  const told = new Map(streams.map(({ name, tells }) => [name, messagesIn(tells, 'output', spoken)]));
  const said = new Map(streams.map(({ name, says }) => [name, messagesIn(says, 'input', spoken)]));
  const schemas: Record<string, JsonSchema> = {
    StreamedEvent: streamedEvent(document.components.schemas.RecordedEvent!),
    ...Object.fromEntries(newest.map((schema) => [schema.type, eventPayload(schema)])),
    ...STREAM_SCHEMAS,
    ...SSE_SCHEMAS,
    ...spoken.schemas,
  };
  const messages: Messages = {
    ...Object.fromEntries(newest.map((schema) => [schema.type, eventMessage(schema)])),
    ...Object.fromEntries(
      Object.entries({ ...STREAM_SCHEMAS, ...SSE_SCHEMAS }).map(([name, schema]) => [name, otherMessage(name, schema)]),
    ),
    ...Object.fromEntries(
      [...told.values(), ...said.values()].flat().map((name) => [name, otherMessage(name, spoken.schemas[name]!)]),
    ),
  };
  const channels: Record<string, AsyncApiChannel> = {};
  const actions: Record<string, AsyncApiOperation> = {};

  for (const operation of streams) {
    const parameters = document.paths[operation.path]?.[operation.method.toLowerCase()]?.parameters ?? [];
    const beside = Object.keys(givesLines(operation) ? STREAM_SCHEMAS : SSE_SCHEMAS);
    const given = [...newest.map(({ type }) => type), ...beside, ...told.get(operation.name)!];
    const taken = said.get(operation.name)!;
    channels[operation.name] = streamChannel(operation, parameters, [...given, ...taken]);
    actions[`${operation.name}.send`] = streamAction(operation, 'send', given, parameters);
    if (taken.length > 0) actions[`${operation.name}.receive`] = streamAction(operation, 'receive', taken, parameters);
  }
  const domains = [...new Set(newest.map(({ domain }) => domain))].sort();
  for (const domain of domains) {
    const records = catalogue.types.flatMap((type) => catalogue.of(type)).filter((schema) => schema.domain === domain);
    for (const schema of records) messages[recordName(schema)] = recordMessage(schema);
    const topic = `heddle.${domain}`;
    channels[topic] = topicChannel(topic, records.map(recordName));
    actions[`${topic}.send`] = {
      action: 'send',
      channel: { $ref: `#/channels/${topic}` },
      title: `Events of ${domain} on Kafka`,
      summary: 'The relay sends each event once, in the order of its stream. Nobody else writes here.',
      messages: records.map((schema) => inChannel(topic, recordName(schema))),
    };
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Heddle: events',
      version: document.info.version,
      description: DESCRIPTION,
      license: { name: document.info.license.name },
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels,
    operations: actions,
    components: {
      schemas,
      messages,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A workspace’s key.' },
        ticket: {
          type: 'httpApiKey',
          in: 'query',
          name: 'ticket',
          description: 'For browsers: made with a key, good once and for a minute.',
        },
      },
    },
  };
}

/** Whether each message is a whole line, also as server-sent events: where one stream goes on, it is the event's data alone. */
function givesLines({ socket, streams }: Operation): boolean {
  return socket === true || streams === true;
}

/** The names that what is said on a WebSocket has among the schemas. */
function messagesIn(spoken: z.ZodType | undefined, direction: Direction, components: SchemaComponents): string[] {
  if (spoken === undefined) return [];
  const before = new Set(Object.keys(components.schemas));
  components.add(spoken, direction);
  return Object.keys(components.schemas).filter((name) => !before.has(name));
}

function inChannel(channel: string, message: string): Reference {
  return { $ref: `#/channels/${channel}/messages/${message}` };
}

function messagesOf(names: readonly string[]): Record<string, Reference> {
  return Object.fromEntries(names.map((name) => [name, messageRef(name)]));
}

function streamChannel(
  { path, summary, description, socket }: Operation,
  parameters: readonly OpenApiParameter[],
  names: readonly string[],
): AsyncApiChannel {
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  return {
    address: path,
    title: summary,
    ...(description === undefined ? {} : { description }),
    servers: [{ $ref: socket === true ? '#/servers/sockets' : '#/servers/api' }],
    ...(inPath.length === 0
      ? {}
      : {
          parameters: Object.fromEntries(
            inPath.map(({ name, description: said, example }) => [
              name,
              {
                ...(said === undefined ? {} : { description: said }),
                ...(example === undefined ? {} : { examples: [String(example)] }),
              },
            ]),
          ),
        }),
    messages: messagesOf(names),
    ...(socket === true
      ? { bindings: { ws: { method: 'GET', query: queryOf(parameters), bindingVersion: '0.1.0' } } }
      : {}),
  };
}

function streamAction(
  { name, summary, live, socket }: Operation,
  action: 'send' | 'receive',
  messages: readonly string[],
  parameters: readonly OpenApiParameter[],
): AsyncApiOperation {
  const takesTicket = parameters.some((parameter) => parameter.in === 'query' && parameter.name === 'ticket');
  return {
    action,
    channel: { $ref: `#/channels/${name}` },
    title: action === 'send' ? summary : `${summary}: what the client says`,
    ...(live === undefined ? {} : { description: live }),
    security: ['key', ...(takesTicket ? ['ticket'] : [])].map((one) => ({
      $ref: `#/components/securitySchemes/${one}`,
    })),
    messages: messages.map((message) => inChannel(name, message)),
    ...(socket === true
      ? {}
      : { bindings: { http: { method: 'GET', query: queryOf(parameters), bindingVersion: '0.3.0' } } }),
  };
}

function queryOf(parameters: readonly OpenApiParameter[]): JsonSchema {
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  return {
    type: 'object',
    properties: Object.fromEntries(
      inQuery.map(({ name, description, schema }) => [
        name,
        { ...schema, ...(description === undefined ? {} : { description }) },
      ]),
    ),
  };
}

function topicChannel(topic: string, records: readonly string[]): AsyncApiChannel {
  return {
    address: topic,
    title: topic,
    description:
      'Keyed by stream, in order within each, kept for ever. The id of a record’s schema is in its first five bytes; the registry has it.',
    servers: [{ $ref: '#/servers/kafka' }],
    messages: messagesOf(records),
    bindings: {
      kafka: {
        topic,
        partitions: PARTITIONS,
        topicConfiguration: { 'cleanup.policy': ['delete'], 'retention.ms': -1 },
        bindingVersion: '0.5.0',
      },
    },
  };
}
