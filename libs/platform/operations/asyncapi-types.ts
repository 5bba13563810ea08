import type { JsonSchema } from './openapi-types.js';

/** An alias and no interface: only so it is a schema, too. */
export type Reference = { $ref: string };

/** A payload in a language other than JSON Schema. */
interface MultiFormatSchema {
  schemaFormat: string;
  schema: unknown;
}

export interface AsyncApiMessage {
  name: string;
  title: string;
  summary?: string;
  contentType: string;
  headers?: JsonSchema;
  payload: JsonSchema | Reference | MultiFormatSchema;
  bindings?: Record<string, object>;
  examples?: { name: string; payload: object }[];
}

export interface AsyncApiChannel {
  address: string;
  title: string;
  description?: string;
  servers: Reference[];
  parameters?: Record<string, { description?: string; examples?: string[] }>;
  messages: Record<string, Reference>;
  bindings?: Record<string, object>;
}

export interface AsyncApiOperation {
  action: 'send' | 'receive';
  channel: Reference;
  title: string;
  summary?: string;
  description?: string;
  security?: Reference[];
  messages: Reference[];
  bindings?: Record<string, object>;
}

/** What Heddle writes of AsyncAPI 3.0. `send` is what Heddle sends, `receive` what it takes. */
export interface AsyncApiDocument {
  asyncapi: '3.0.0';
  info: { title: string; version: string; description: string; license: { name: string } };
  defaultContentType: 'application/json';
  servers: Record<string, object>;
  channels: Record<string, AsyncApiChannel>;
  operations: Record<string, AsyncApiOperation>;
  components: {
    schemas: Record<string, JsonSchema>;
    messages: Record<string, AsyncApiMessage>;
    securitySchemes: Record<string, object>;
  };
}
