import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import avro from 'avsc';
import { z } from 'zod';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { CATALOGUE } from '../event-schemas/schema-catalogue.js';
import { recordedEventResource } from '../feed/recorded-event.resource.js';
import { EVENT_LINES_AS_SSE } from '../live/event-lines.js';
import { SERVER_SENT_EVENTS } from '../live/server-sent-events.js';
import { asyncApiDocument } from './asyncapi.js';
import { openApiDocument } from './openapi.js';
import { defineOperation } from './operation.js';

const given = { 200: { description: 'All.', schema: recordedEventResource } };
const watchLoom = defineOperation({
  name: 'looms.watch',
  method: 'GET',
  path: '/v1/looms/{id}/events',
  summary: 'Watch a loom',
  scopes: ['events:read'],
  changes: false,
  live: 'Each event as it happens.',
  params: z.strictObject({ id: z.string().describe('The loom’s.') }),
  query: z.strictObject({ pin: z.string().optional(), ticket: z.string().optional() }),
  responses: given,
  example: { params: { id: 'lom_1' } },
});
const weave = z.strictObject({ type: z.literal('weave'), picks: z.int() }).meta({ id: 'WeaveMessage' });
const rest = z.strictObject({ type: z.literal('rest') }).meta({ id: 'RestMessage' });
const rested = z.strictObject({ type: z.literal('rested') }).meta({ id: 'RestedMessage' });
const talk = defineOperation({
  ...watchLoom,
  live: undefined as unknown as string,
  name: 'looms.talk',
  path: '/v1/looms/ws',
  summary: 'Talk with the looms',
  socket: true,
  says: z.discriminatedUnion('type', [weave, rest]),
  tells: z.discriminatedUnion('type', [rested]),
  params: z.strictObject({}),
  query: z.strictObject({ pin: z.string().optional() }),
  example: {},
});
const follow = defineOperation({
  ...watchLoom,
  name: 'looms.follow',
  path: '/v1/looms/stream',
  streams: true,
  lines: recordedEventResource,
  params: z.strictObject({}),
  example: {},
});
const list = defineOperation({ ...talk, name: 'looms.list', path: '/v1/looms', socket: false });

const operations = [watchLoom, talk, follow, list];
const openApi = openApiDocument(operations, { version: '1.2.3' });
const document = asyncApiDocument(operations, CATALOGUE, openApi);

/** Everywhere that a reference stands, and what it leads to. */
function references(value: unknown, found: string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, child] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') found.push(child);
    else references(child, found);
  }
  return found;
}

function resolved(ref: string): unknown {
  const parts = ref.slice(2).split('/');
  return parts.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document);
}

it('is an AsyncAPI 3.0 document', () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(specs.schemasWithoutId['3.0.0']);
  const json = JSON.parse(JSON.stringify(document));
  validate(json);
  expect(validate.errors).toBeNull();
  json.operations['looms.watch.send'].action = 'shout';
  expect(validate(json)).toBe(false);
});

it('has nothing that leads nowhere', () => {
  const found = references(document);
  expect(found.length).toBeGreaterThan(100);
  expect(found.filter((ref) => resolved(ref) === undefined)).toEqual([]);
});

it('has a message of every type for the API, and of every version for Kafka, with its Avro schema', () => {
  const { messages } = document.components;
  for (const { type, version, revision, record, fingerprint, domain } of EVENT_SCHEMAS) {
    expect(messages[type]?.payload).toEqual({ $ref: `#/components/schemas/${type}` });
    const name = `${record}-${version}.${revision}`;
    const payload = messages[name]!.payload as { schemaFormat: string; schema: avro.Schema };
    expect(payload.schemaFormat).toContain('avro');
    const { schema } = payload;
    expect(avro.Type.forSchema(schema, { wrapUnions: 'never' }).fingerprint('md5').toString('hex')).toBe(fingerprint);
    expect(document.channels[`heddle.${domain}`]!.messages).toHaveProperty([name]);
  }
});

it('has a channel of each operation that goes on, and of no other', () => {
  const channels = Object.keys(document.channels).filter((name) => !name.startsWith('heddle.'));
  expect(channels.sort()).toEqual(['looms.follow', 'looms.talk', 'looms.watch']);
  expect(document.channels['looms.watch']).toMatchObject({
    address: '/v1/looms/{id}/events',
    parameters: { id: { examples: ['lom_1'] } },
    messages: { 'message.created': {}, 'sse.closed': {} },
  });
  expect(document.operations['looms.watch.send']).toMatchObject({
    action: 'send',
    security: [{ $ref: '#/components/securitySchemes/key' }, { $ref: '#/components/securitySchemes/ticket' }],
    bindings: { http: { query: { properties: { pin: {} } } } },
  });
});

it('says of one stream’s server-sent events that the last words and signals are data alone, and a heartbeat none', () => {
  const besideEvents = (name: string) =>
    Object.keys(document.channels[name]!.messages).filter(
      (message) => !EVENT_SCHEMAS.some(({ type }) => type === message),
    );
  expect(besideEvents('looms.watch')).toEqual(['sse.closed', 'sse.typing', 'sse.presence']);
  expect(besideEvents('looms.follow')).toEqual(['heartbeat', 'closed', 'typing', 'presence']);
  const { messages, schemas } = document.components;
  expect([messages['sse.closed']!.name, messages['sse.typing']!.name]).toEqual(['closed', 'typing']);
  const says = (name: string, encoded: Buffer) => {
    const data = JSON.parse(/^data: (.*)$/m.exec(encoded.toString())![1]!);
    return new Ajv({ strict: false, validateFormats: false }).compile({
      ...schemas[name],
      additionalProperties: name !== 'sse.closed',
    })(data);
  };
  const party = { type: 'user', id: 'usr_1' };
  const signal = { conversation_id: 'conv_1', party, typing: true, expires_at: '2026-01-02T10:04:05.678Z' };
  const typing = { workspace: 'wsp_1', stream: 'conv_1', name: 'typing', data: signal };
  expect(says('sse.closed', SERVER_SENT_EVENTS.closed('shutdown', null))).toBe(true);
  expect(says('closed', SERVER_SENT_EVENTS.closed('shutdown', null))).toBe(false);
  expect(says('sse.typing', SERVER_SENT_EVENTS.signal(typing))).toBe(true);
  expect(says('typing', SERVER_SENT_EVENTS.signal(typing))).toBe(false);
  expect(says('closed', EVENT_LINES_AS_SSE.closed('shutdown', null))).toBe(true);
});

it('says what a client says on a WebSocket, and what it is told beside events', () => {
  expect(document.operations['looms.talk.receive']).toMatchObject({
    action: 'receive',
    messages: [
      { $ref: '#/channels/looms.talk/messages/WeaveMessage' },
      { $ref: '#/channels/looms.talk/messages/RestMessage' },
    ],
  });
  expect(document.components.schemas.WeaveMessage!.properties).toHaveProperty('picks');
  expect(document.operations['looms.talk.send']!.messages).toContainEqual({
    $ref: '#/channels/looms.talk/messages/RestedMessage',
  });
  expect(document.channels['looms.watch']!.messages).not.toHaveProperty('RestedMessage');
  expect(document.channels['looms.talk']!.bindings).toMatchObject({ ws: { method: 'GET' } });
  expect(document.operations['looms.watch.receive']).toBeUndefined();
});

it('has examples that are what their schemas say', () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: 'doc', ...JSON.parse(JSON.stringify(document)) });
  for (const type of CATALOGUE.types) {
    const { examples } = document.components.messages[type]!;
    const validate = ajv.compile({ $ref: `doc#/components/schemas/${type}` });
    for (const { payload } of examples!) expect([type, validate(payload), validate.errors]).toEqual([type, true, null]);
  }
});
