import { z } from 'zod';
import type { Operation } from '../operations/operation.js';
import type { Exchange } from './exchange.js';
import { mustBeTaken, wantsEventStream } from './media-type.js';

const take = (
  consumes: Operation['consumes'],
  type: string | undefined,
  hasBody: boolean,
  body: z.ZodType | null = z.any(),
) =>
  mustBeTaken(
    { body, ...(consumes === undefined ? {} : { consumes }) } as Operation,
    { hasBody, request: { headers: type === undefined ? {} : { 'content-type': type } } } as Exchange,
  );

it.each([
  [undefined, 'application/json', true],
  [undefined, 'Application/JSON ; charset=utf-8', true],
  [undefined, undefined, false],
  ['application/x-ndjson', 'application/x-ndjson', true],
  ['application/x-ndjson', undefined, false],
] as const)('%s takes %s', (consumes, type, hasBody) => {
  expect(() => take(consumes, type, hasBody)).not.toThrow();
});

it.each([
  [undefined, 'application/x-ndjson', true],
  [undefined, 'application/jsonp', true],
  [undefined, 'text/plain', false],
  [undefined, undefined, true],
  ['application/x-ndjson', 'application/json', true],
  ['application/x-ndjson', undefined, true],
] as const)('%s refuses %s', (consumes, type, hasBody) => {
  expect(() => take(consumes, type, hasBody)).toThrow(`Send the body as ${consumes ?? 'application/json'}.`);
});

it('asks nothing where there is no body to take', () => {
  expect(() => take(undefined, 'text/plain', true, null)).not.toThrow();
});

const LINES = { lines: z.any(), streams: true };

it.each([
  [undefined, false],
  ['*/*', false],
  ['text/*', false],
  ['text/event-stream', true],
  ['Text/Event-Stream; charset=utf-8', true],
  ['text/event-stream, application/json', true],
  ['application/json, text/event-stream', false],
  ['application/json;q=0.5, text/event-stream', true],
  ['text/event-stream;q=0.5, application/json;q=0.4', true],
  ['text/event-stream;q=0, */*', false],
  ['*/*, text/event-stream', true],
  ['text/event-stream, */*;q=0.1', true],
  ['text/event-stream;q=0.1, */*', false],
  ['text/event-stream;q=0.1, */*, application/json;q=0', true],
  ['text/event-stream;q=much', false],
  ['application/x-ndjson, text/event-stream;q=0.1', true],
])('of Accept: %s, it is %s that a stream is wanted rather than JSON', (accept, wanted) => {
  expect(wantsEventStream(accept, {})).toBe(wanted);
});

it.each([
  ['application/x-ndjson, text/event-stream;q=0.1', false],
  ['application/x-ndjson, text/event-stream', false],
  ['text/event-stream, application/x-ndjson', true],
  ['application/x-ndjson;q=0.1, text/event-stream', true],
  ['application/json, text/event-stream', false],
  ['text/event-stream;q=0.2, application/*;q=0.5', false],
  ['text/event-stream', true],
])('of Accept: %s, it is %s that a stream of lines is wanted as server-sent events', (accept, wanted) => {
  expect(wantsEventStream(accept, LINES)).toBe(wanted);
});
