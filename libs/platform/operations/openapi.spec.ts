import { Module } from '@nestjs/common';
import { Validator } from '@seriousme/openapi-schema-validator';
import { z } from 'zod';
import { commandOf } from './command-line.js';
import { Handles, OperationController, operationsOf } from './handles.js';
import { listShelves, paintShelf, seeHealth } from './openapi.fixture.js';
import { openApiDocument } from './openapi.js';
import { defineOperation } from './operation.js';
import { ok } from './reply.js';

const all = [listShelves, paintShelf, seeHealth];
const document = openApiDocument(all, { version: '1.2.3' });
const paint = document.paths['/v1/shelves/{id}']!.patch!;
const list = document.paths['/v1/shelves']!.get!;

@OperationController()
class ListOnly {
  @Handles(listShelves)
  async list() {
    return ok({ data: [], next_cursor: null });
  }
}

@OperationController()
class ListAndPaint extends ListOnly {
  @Handles(listShelves)
  override async list() {
    return ok({ data: [], next_cursor: null });
  }

  @Handles(paintShelf)
  async paint() {
    return ok({});
  }
}

@Module({ controllers: [ListAndPaint] })
class Whole {}

@Module({ controllers: [ListOnly] })
class WithoutPaint {}

describe('The OpenAPI document', () => {
  it('is valid against the official schema of 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document) as never);
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
  });

  it('has no reference that leads nowhere', () => {
    const text = JSON.stringify(document);
    const refs = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1]!.split('/'));
    expect(refs.length).toBeGreaterThan(20);
    for (const path of refs) {
      const found = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
      expect([path.join('/'), typeof found]).toEqual([path.join('/'), 'object']);
    }
    expect(text).not.toContain('$defs');
  });

  it('loses the path, the named schemas and the command of a declaration that is deleted', () => {
    const before = operationsOf(Whole);
    const after = operationsOf(WithoutPaint);
    const whole = openApiDocument(before, { version: '1' });
    const less = openApiDocument(after, { version: '1' });
    expect(Object.keys(whole.paths)).toEqual(['/v1/shelves', '/v1/shelves/{id}']);
    expect(Object.keys(less.paths)).toEqual(['/v1/shelves']);
    expect(Object.keys(whole.components.schemas).sort()).toEqual(['Owner', 'Paint', 'PaintInput', 'Problem', 'Shelf']);
    expect(Object.keys(less.components.schemas).sort()).toEqual(['Problem', 'Shelf']);
    expect(before.map((operation) => commandOf(operation).words.join(' '))).toEqual(['shelves list', 'shelves paint']);
    expect(after.map((operation) => commandOf(operation).words.join(' '))).toEqual(['shelves list']);
  });

  it('says what each kind of operation can be refused with, and no more', () => {
    expect(Object.keys(list.responses)).toEqual(['200', '400', '401', '403', '408', '429', '431', '500', '503']);
    expect(Object.keys(paint.responses)).toEqual([
      '200',
      '400',
      '401',
      '403',
      '404',
      '408',
      '409',
      '412',
      '413',
      '415',
      '422',
      '429',
      '431',
      '500',
      '503',
    ]);
    expect(Object.keys(document.paths['/healthz']!.get!.responses)).toEqual(['200', '400', '408', '431', '500', '503']);
    const refused = document.components.responses[paint.responses['422']!.$ref!.split('/').at(-1)!]!;
    expect(refused.content!['application/problem+json']!.schema.allOf![1]!.properties!.code!.enum).toEqual([
      'idempotency_key_reused',
      'conversation_closed',
      'person_erased',
    ]);
  });

  it('keeps the bounds of every field, so that what fits the schema is taken', () => {
    expect(list.parameters).toContainEqual(
      expect.objectContaining({
        name: 'limit',
        required: false,
        example: 2,
        schema: expect.objectContaining({ type: 'integer', minimum: 1, maximum: 1000, default: 50 }),
      }),
    );
    const body = paint.requestBody!.content['application/json']!;
    expect(body.schema.additionalProperties).toBe(false);
    expect(body.schema.required).toEqual(['type']);
    expect(body.schema.properties!.coats).toEqual({ type: 'integer', minimum: 1, maximum: 9 });
    expect(body.schema.properties!.owner).toEqual({ $ref: '#/components/schemas/Owner' });
    expect(body.example).toEqual({ type: 'oil', coats: 2 });
  });

  it('names a schema twice where a default makes it differ on the way in', () => {
    expect(document.components.schemas.Paint!.required).toEqual(['colour']);
    expect(document.components.schemas.PaintInput!.required).toBeUndefined();
    expect(paint.requestBody!.content['application/json']!.schema.properties!.paint!.$ref).toMatch(/PaintInput$/);
  });

  it('asks for an idempotency key and If-Match only where they are taken', () => {
    const headers = (parameters: typeof paint.parameters) =>
      parameters?.filter((parameter) => parameter.in === 'header').map(({ name }) => name);
    expect(headers(paint.parameters)).toEqual(['Idempotency-Key', 'If-Match']);
    expect(headers(list.parameters)).toEqual([]);
    const lines = defineOperation({ ...paintShelf, conditional: false, consumes: 'application/x-ndjson' });
    const streamed = openApiDocument([lines], { version: '1' }).paths['/v1/shelves/{id}']!.patch!;
    expect(headers(streamed.parameters)).toEqual([]);
    expect(Object.keys(streamed.requestBody!.content)).toEqual(['application/x-ndjson']);
    expect(Object.keys(streamed.responses)).not.toContain('409');
  });

  it('promises an ETag only where one is declared, whatever the path looks like', () => {
    const seen = defineOperation({
      ...paintShelf,
      method: 'GET',
      changes: false,
      conditional: false,
      versioned: false,
    });
    const { get } = openApiDocument([seen], { version: '1' }).paths['/v1/shelves/{id}']!;
    expect(Object.keys(paint.responses['200']!.headers!)).toContain('ETag');
    expect(Object.keys(get!.responses['200']!.headers!)).not.toContain('ETag');
  });

  it('opens public operations to everyone and names the scopes of the others', () => {
    expect(document.paths['/healthz']!.get!.security).toEqual([]);
    expect(paint.security).toEqual([{ key: [] }]);
    expect(paint['x-heddle-scopes']).toEqual(['admin:write']);
    expect(paint['x-heddle-stability']).toBe('beta');
  });

  it('refuses a declaration whose path and params differ, by name', () => {
    const wrong = defineOperation({ ...paintShelf, path: '/v1/shelves/{shelf}' });
    expect(() => openApiDocument([wrong], { version: '1' })).toThrow(
      'shelves.paint: the path /v1/shelves/{shelf} names {shelf}, its params schema has {id}.',
    );
  });

  it('refuses a schema that JSON Schema cannot say, by name', () => {
    const wrong = defineOperation({ ...listShelves, responses: { 200: { description: '', schema: z.date() } } });
    expect(() => openApiDocument([wrong], { version: '1' })).toThrow(/^shelves\.list: its 200 answer cannot be said/);
  });
});
