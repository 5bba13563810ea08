import { z } from 'zod';
import { goodHeaders, HEADERS, PROBLEM_SCHEMA, problemResponses, takesKey } from './openapi-responses.js';
import { SchemaComponents } from './openapi-schemas.js';
import type { JsonSchema, OpenApiDocument, OpenApiOperation, OpenApiParameter } from './openapi-types.js';
import type { Operation } from './operation.js';

const DESCRIPTION = `A self-hosted backend for customer support in which everything that happens is an event.

Keys go as \`Authorization: Bearer <key>\`. Every changing request takes an \`Idempotency-Key\`: sent again with the same
key, it is answered with the first answer. Problems are \`application/problem+json\` (RFC 9457); their codes are explained
at [/docs/problems](/docs/problems).`;

const IDEMPOTENCY_KEY: OpenApiParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Names this change: sent again with the same key, it is done once and answered alike for at least 24 h.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[!-~]+$' },
};

const IF_MATCH: OpenApiParameter = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The ETag of the version that is meant to be changed; any other is refused with 412.',
  schema: { type: 'string', pattern: '^(\\*|(W/)?"[0-9]{1,15}"|[0-9]{1,15})$', maxLength: 19 },
};

const LAST_EVENT_ID: OpenApiParameter = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'Of a live stream: the last `id` that came, to go on after it. It counts before `cursor`.',
  schema: { type: 'string' },
};

function parametersIn(
  place: 'path' | 'query',
  json: JsonSchema,
  examples: Record<string, string> | undefined,
): OpenApiParameter[] {
  return Object.entries(json.properties ?? {}).map(([name, { description, ...schema }]) => ({
    name,
    in: place,
    required: place === 'path' || (json.required ?? []).includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
    ...(examples?.[name] === undefined ? {} : { example: exampleOf(examples[name], schema) }),
  }));
}

/** Examples of parameters are declared as text: an integer's must be one, or linters call the example wrong. */
function exampleOf(text: string, schema: JsonSchema): unknown {
  return schema.type === 'integer' || schema.type === 'number' ? Number(text) : text;
}

function checkPath(operation: Operation, parameters: OpenApiParameter[]): void {
  const inPath = [...operation.path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]!).sort();
  const declared = parameters.map(({ name }) => name).sort();
  if (inPath.join() !== declared.join()) {
    throw new Error(
      `${operation.name}: the path ${operation.path} names {${inPath.join('}, {')}}, its params schema has {${declared.join('}, {')}}.`,
    );
  }
}

function described<T>(operation: Operation, part: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new Error(`${operation.name}: its ${part} cannot be said in JSON Schema: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function answers(operation: Operation, components: SchemaComponents): OpenApiOperation['responses'] {
  const mediaType = operation.consumes === 'application/x-ndjson' ? operation.consumes : 'application/json';
  return Object.fromEntries(
    Object.entries(operation.responses).map(([status, { description, schema }]) => {
      const headers = goodHeaders(operation);
      if (schema instanceof z.ZodVoid || status === '204') return [status, { description, headers }];
      const json = described(operation, `${status} answer`, () => components.add(schema, 'output'));
      const lines = operation.lines && described(operation, 'lines', () => components.add(operation.lines!, 'output'));
      const content = {
        ...(operation.streams === true ? {} : { [mediaType]: { schema: json } }),
        ...(lines === undefined ? {} : { 'application/x-ndjson': { schema: lines } }),
        ...(operation.live === undefined ? {} : eventStream(operation.live)),
      };
      return [status, { description, headers, content }];
    }),
  );
}

/** OpenAPI 3.1 has no words for the events of a stream: it is text. */
function eventStream(description: string): Record<string, { schema: JsonSchema }> {
  return { 'text/event-stream': { schema: { type: 'string', description } } };
}

function bodyOf(operation: Operation, components: SchemaComponents): OpenApiOperation['requestBody'] {
  const { body } = operation;
  if (body === null) return undefined;
  const schema = described(operation, 'body', () => components.add(body, 'input'));
  const example = operation.example?.body;
  return {
    required: !body.safeParse({}).success,
    content: {
      [operation.consumes ?? 'application/json']: { schema, ...(example === undefined ? {} : { example }) },
      ...Object.fromEntries(
        Object.entries(operation.alsoConsumes ?? {}).map(([type, also]) => [
          type,
          { schema: described(operation, type, () => components.add(also, 'input')) },
        ]),
      ),
    },
  };
}

/** What the operations of a tag are called on the command line. */
function tagDescription(tag: string, operations: readonly Operation[]): string {
  const onCommandLine = operations.filter(({ socket }) => !socket);
  const words = onCommandLine.map(({ name }) => name.split('.')).filter(([first]) => first === tag);
  const commands = words.map((word) => `\`heddle ${word.join(' ').replaceAll('_', '-')}\``);
  return `On the command line: ${commands.sort().join(', ')}.`;
}

/**
 * The OpenAPI 3.1 document of a set of operations, and of nothing else: an operation that is not given leaves no path,
 * tag or schema behind. Throws, naming the operation, where a declaration cannot be described.
 */
export function openApiDocument(operations: readonly Operation[], info: { version: string }): OpenApiDocument {
  const components = new SchemaComponents();
  const responses: OpenApiDocument['components']['responses'] = {};
  const good = new Map(operations.map((operation) => [operation, answers(operation, components)]));
  const paths: OpenApiDocument['paths'] = {};
  for (const operation of operations) {
    const params = described(operation, 'path', () => components.add(operation.params, 'input'));
    const query = described(operation, 'query', () => components.add(operation.query, 'input'));
    const inPath = parametersIn('path', params, operation.example?.params);
    checkPath(operation, inPath);
    const parameters = [
      ...inPath,
      ...parametersIn('query', query, operation.example?.query),
      ...(takesKey(operation) ? [IDEMPOTENCY_KEY] : []),
      ...(operation.conditional ? [IF_MATCH] : []),
      ...(operation.live === undefined ? [] : [LAST_EVENT_ID]),
    ];
    const requestBody = bodyOf(operation, components);
    const takesCursor = query.properties?.cursor !== undefined;
    paths[operation.path] ??= {};
    paths[operation.path]![operation.method.toLowerCase()] = {
      operationId: operation.name,
      tags: [operation.name.split('.')[0]!],
      summary: operation.summary,
      ...(operation.description === undefined ? {} : { description: operation.description }),
      ...(parameters.length === 0 ? {} : { parameters }),
      ...(requestBody === undefined ? {} : { requestBody }),
      responses: { ...good.get(operation)!, ...problemResponses(operation, takesCursor, responses) },
      security: operation.access === 'public' ? [] : [{ key: [] }],
      'x-heddle-access': operation.access,
      'x-heddle-scopes': [...operation.scopes],
      'x-heddle-cost': operation.cost,
      'x-heddle-stability': operation.stability,
    };
  }
  const tags = [...new Set(operations.map(({ name }) => name.split('.')[0]!))].sort();
  return {
    openapi: '3.1.1',
    info: {
      title: 'Heddle',
      version: info.version,
      description: DESCRIPTION,
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This installation.' }],
    tags: tags.map((name) => ({ name, description: tagDescription(name, operations) })),
    paths,
    components: {
      schemas: { Problem: PROBLEM_SCHEMA, ...components.schemas },
      responses,
      headers: HEADERS,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key of a workspace, or the root key.' },
      },
    },
  };
}
