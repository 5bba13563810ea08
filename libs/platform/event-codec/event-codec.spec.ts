import { createHash } from 'node:crypto';
import avro from 'avsc';
import fc from 'fast-check';
import type { EventSchema } from '../../contract/event-schema.js';
import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { newId } from '../kernel/id.js';
import { PersonErasedError } from '../keys/key-errors.js';
import {
  BrokenSealError,
  MalformedEventError,
  UnfitEventError,
  UnknownEventTypeError,
  UnknownKeyError,
  UnknownSchemaError,
} from './codec-errors.js';
import { keyringOf, laterSchema, metaOf, personKey } from './event-codec.fixture.js';
import { EventCodec } from './event-codec.js';
import type { Sealed } from './sealed-event.js';

const codec = new EventCodec(EVENT_SCHEMAS);
const schemaOf = (type: string): EventSchema => EVENT_SCHEMAS.findLast((schema) => schema.type === type)!;
const text = fc.string({ unit: 'binary', maxLength: 300 });
// Below -(2^52), some 140,000 years ago, avsc writes a long that is one off.
const time = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
const message = (more: object = {}) => ({
  message_id: 'msg_1',
  author: { type: 'customer', id: 'cus_1' },
  channel: 'email',
  type: 'text',
  text: 'Где мой заказ? 🧵',
  external_id: 'mail-77',
  blocks: null,
  mentions: [],
  channel_message_id: null,
  in_reply_to: null,
  draft_id: null,
  ai_model: null,
  ai_confidence: null,
  ai_sources: null,
  ai_read_through_seq: null,
  ...more,
});

/** Any value that a field of the plain data may have. */
function anyOf(type: unknown): fc.Arbitrary<unknown> {
  if (Array.isArray(type)) return fc.oneof(...type.map(anyOf));
  if (type === 'null') return fc.constant(null);
  if (type === 'string' || type === 'heddle.Sealed') return text;
  if (type === 'boolean') return fc.boolean();
  if (type === 'int') return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  if (type === 'bytes') return fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes));
  if (type === 'heddle.Party') return fc.record({ type: text, id: text });
  if (type === 'long') return time;
  if (type === 'double') return fc.double();
  const {
    type: kind,
    name,
    items,
    fields,
  } = type as {
    type: string;
    name?: string;
    items?: unknown;
    fields?: { name: string; type: unknown }[];
  };
  if (name === 'heddle.Sealed') return text;
  if (kind === 'long') return time;
  if (kind === 'record') {
    return fc.record(Object.fromEntries(fields!.map((field) => [field.name, anyOf(field.type)])));
  }
  if (kind === 'array') return fc.array(anyOf(items), { maxLength: 5 });
  throw new Error(`The spec makes no values of ${JSON.stringify(type)}: teach it.`);
}

const anyMeta = (type: string) =>
  fc
    .record({
      id: text,
      workspace: text,
      stream: text,
      seq: fc.nat(),
      occurred_at: time,
      recorded_at: time,
      actor: fc.record({
        type: text,
        id: text,
        on_behalf_of: fc.option(fc.record({ type: text, id: text })),
      }),
      correlation_id: fc.option(text),
      causation_id: fc.option(text),
      traceparent: fc.option(text),
      ext: fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true }).map((ext) => {
        const { ['__proto__']: _, ...rest } = ext;
        return rest;
      }),
    })
    .map((meta) => ({ ...meta, type }));

describe('every event comes back as it went in', () => {
  // What is written is the newest revision, and the last one of a type in the contract.
  test.each([...new Map(EVENT_SCHEMAS.map((schema) => [schema.type, schema]))])('%s', (type, schema) => {
    const [, ...fields] = schema.schema.fields;
    const data = fc.record(Object.fromEntries(fields.map((field) => [field.name, anyOf(field.type)])));
    fc.assert(
      fc.property(anyMeta(type), data, text, (meta, plain, subject) => {
        const key = personKey(subject);
        const { fingerprint, payload } = codec.encode(type, meta, plain, key);
        const sealed = codec.decode(fingerprint, payload);
        expect(codec.open(sealed, keyringOf(key))).toEqual({ type, meta, data: plain });
      }),
      { numRuns: 60 },
    );
  });
});

describe('what stands on the log', () => {
  const key = personKey();
  const encoded = codec.encode('message.created', metaOf('message.created'), message({ text: 'planted-text' }), key);

  test('no personal value is in the bytes, and each names its key', () => {
    expect(encoded.payload.includes('planted-text')).toBe(false);
    expect(encoded.payload.includes('mail-77')).toBe(false);
    const sealed = codec.decode(encoded.fingerprint, encoded.payload);
    expect((sealed.data.text as Sealed).key_id).toEqual(key.id);
    expect((sealed.data.text as Sealed).ciphertext).toHaveLength(12 + 'planted-text'.length + 16);
    expect(codec.keyIdsOf(sealed)).toEqual([key.id.toString('hex')]);
  });

  test('the same text is never sealed the same twice', () => {
    const seals = new Set<string>();
    for (let i = 0; i < 3000; i++) {
      const { fingerprint, payload } = codec.encode('customer.renamed', metaOf('customer.renamed'), { name: 'A' }, key);
      seals.add((codec.decode(fingerprint, payload).data.name as Sealed).ciphertext.subarray(0, 12).toString('hex'));
    }
    expect(seals.size).toBe(3000);
  });

  test('the bytes are those of the schema itself, meta and data in one record', () => {
    const type = avro.Type.forSchema(schemaOf('message.created').schema as unknown as avro.Schema);
    expect(type.fromBuffer(encoded.payload)).toMatchObject({ meta: { seq: 1 }, channel: 'email' });
    expect(encoded.fingerprint).toEqual(type.fingerprint('md5'));
  });

  test('the fingerprint is the MD5 of the parsing canonical form', () => {
    const canonical =
      '{"name":"heddle.a.B","type":"record","fields":[{"name":"x","type":["null",{"name":"heddle.C","type":"fixed","size":2}]}]}';
    const schema = {
      type: 'record',
      name: 'B',
      namespace: 'heddle.a',
      doc: 'left out',
      fields: [
        { name: 'x', doc: 'left out', default: null, type: ['null', { type: 'fixed', size: 2, name: 'heddle.C' }] },
      ],
    };
    expect(avro.Type.forSchema(schema as never).fingerprint('md5')).toEqual(
      createHash('md5').update(canonical).digest(),
    );
  });

  test('keys of an event without sealed values are none', () => {
    const { fingerprint, payload } = codec.encode(
      'user.email_changed',
      metaOf('user.email_changed'),
      { email: null },
      key,
    );
    expect(codec.keyIdsOf(codec.decode(fingerprint, payload))).toEqual([]);
  });
});

describe('a sealed value opens only where it was sealed', () => {
  const key = personKey();
  const meta = metaOf('message.created');
  const { fingerprint, payload } = codec.encode('message.created', meta, message(), key);
  const sealed = codec.decode(fingerprint, payload);
  const ring = keyringOf(key);

  test('not when any one bit of it has changed', () => {
    const { ciphertext } = sealed.data.text as Sealed;
    fc.assert(
      fc.property(fc.nat(ciphertext.length * 8 - 1), (bit) => {
        const changed = Buffer.from(ciphertext);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        const event = { ...sealed, data: { ...sealed.data, text: { key_id: key.id, ciphertext: changed } } };
        expect(() => codec.open(event, ring)).toThrow(BrokenSealError);
      }),
    );
  });

  test('not when it was cut short', () => {
    for (const length of [0, 11, 27]) {
      const ciphertext = (sealed.data.text as Sealed).ciphertext.subarray(0, length);
      const event = { ...sealed, data: { ...sealed.data, text: { key_id: key.id, ciphertext } } };
      expect(() => codec.open(event, ring)).toThrow(BrokenSealError);
    }
  });

  test.each([
    ['another event', { id: metaOf('message.created').id }],
    ['another workspace', { workspace: metaOf('message.created').workspace }],
  ])('not in %s', (_, more) => {
    const moved = { ...sealed, meta: { ...sealed.meta, ...more } };
    expect(() => codec.open(moved, ring)).toThrow(BrokenSealError);
  });

  test('not in another field', () => {
    const data = { ...sealed.data, text: sealed.data.external_id, external_id: sealed.data.text };
    expect(() => codec.open({ ...sealed, data }, ring)).toThrow(/text does not open/);
  });

  test('not for another person', () => {
    expect(() => codec.open(sealed, keyringOf({ ...key, subject: 'cus_other' }))).toThrow(BrokenSealError);
  });

  test('not where workspace, person and event read the same only when run together', () => {
    const a = { ...metaOf('customer.renamed'), workspace: 'w1', id: 'e' };
    const b = { ...a, workspace: 'w', id: 'e' };
    const first = codec.encode('customer.renamed', a, { name: 'A' }, { ...key, subject: '2s' });
    const event = codec.decode(first.fingerprint, first.payload);
    expect(() => codec.open({ ...event, meta: b }, keyringOf({ ...key, subject: '12s' }))).toThrow(BrokenSealError);
  });

  test('opening leaves the sealed event as it is', () => {
    codec.open(sealed, ring);
    expect(Buffer.isBuffer((sealed.data.text as Sealed).ciphertext)).toBe(true);
  });
});

describe('erasure', () => {
  const key = personKey();
  const { fingerprint, payload } = codec.encode(
    'message.created',
    metaOf('message.created'),
    message({ external_id: null }),
    key,
  );
  const sealed = codec.decode(fingerprint, payload);

  test('a destroyed key reads erased, and what was null stays null', () => {
    const { data } = codec.open(sealed, keyringOf({ ...key, key: null }));
    expect(data).toMatchObject({ text: 'erased', external_id: null, channel: 'email' });
  });

  test('a key that was never loaded is not taken for a destroyed one', () => {
    expect(() => codec.open(sealed, keyringOf())).toThrow(UnknownKeyError);
  });

  test('nothing is sealed for a person who was erased', () => {
    const meta = metaOf('message.created');
    expect(() => codec.encode('message.created', meta, message(), { ...key, key: null })).toThrow(PersonErasedError);
  });
});

describe('an event of an older program', () => {
  const first = schemaOf('message.created');
  const second = laterSchema(first, {
    revision: first.revision + 1,
    add: [{ name: 'language', doc: 'ISO 639-1.', type: ['null', 'string'], default: null }],
  });
  const newer = new EventCodec([first, second]);
  const key = personKey();
  const meta = metaOf('message.created');

  test('is read in the newest revision, with the default of what it lacks', () => {
    const old = codec.encode('message.created', meta, message(), key);
    const event = newer.decode(old.fingerprint, old.payload);
    expect(newer.open(event, keyringOf(key))).toEqual({
      type: 'message.created',
      meta,
      data: message({ language: null }),
    });
  });

  test('the newest revision is written, whatever the order of the table', () => {
    const shuffled = new EventCodec([second, first]);
    const { fingerprint, payload } = shuffled.encode('message.created', meta, message({ language: 'ru' }), key);
    expect(fingerprint.toString('hex')).toBe(second.fingerprint);
    expect(newer.open(newer.decode(fingerprint, payload), keyringOf(key)).data).toEqual(message({ language: 'ru' }));
  });

  test('a newer revision than the contract has is refused by its fingerprint', () => {
    const { fingerprint, payload } = newer.encode('message.created', meta, message(), key);
    expect(() => codec.decode(fingerprint, payload)).toThrow(UnknownSchemaError);
    expect(() => codec.decode(fingerprint, payload)).toThrow(second.fingerprint);
  });

  test('a newer revision is read once its schema was learned, without what this one lacks', () => {
    const older = new EventCodec([first]);
    const { fingerprint, payload } = newer.encode('message.created', meta, message({ language: 'ru' }), key);
    expect([older.knows(fingerprint), older.learn(JSON.stringify(second.schema)), older.knows(fingerprint)]).toEqual([
      false,
      true,
      true,
    ]);
    const event = older.decode(fingerprint, payload);
    expect(older.open(event, keyringOf(key))).toEqual({ type: 'message.created', meta, data: message() });
  });

  test('the record of a new version is not learned, nor what does not resolve', () => {
    const third = laterSchema(first, { version: 2 });
    const lacking = laterSchema(first, { revision: first.revision + 1, remove: 'channel' });
    const older = new EventCodec([first]);
    for (const { schema } of [third, lacking]) expect(older.learn(JSON.stringify(schema))).toBe(false);
  });

  test('an older version goes through its upcaster, and without one there is no codec', () => {
    const third = laterSchema(first, {
      version: 2,
      remove: 'channel',
      add: [{ name: 'route', doc: 'Was channel.', type: 'string' }],
    });
    expect(() => new EventCodec([first, second, third])).toThrow(/nothing makes version 1 into the next/);
    const upcasting = new EventCodec([first, second, third], {
      [first.record]: ({ channel, language: _, ...rest }) => ({ ...rest, route: `by ${channel}` }),
    });
    const old = codec.encode('message.created', meta, message(), key);
    const { channel: _, ...rest } = message();
    expect(upcasting.open(upcasting.decode(old.fingerprint, old.payload), keyringOf(key)).data).toEqual({
      ...rest,
      route: 'by email',
    });
  });
});

describe('an event that is withheld', () => {
  const key = personKey();
  const meta = metaOf('message.created', { seq: 7 });
  const { fingerprint, payload } = codec.encode('message.created', meta, message(), key);
  const sealed = codec.decode(fingerprint, payload);
  const read = (...places: string[]) =>
    codec.open(sealed, keyringOf({ ...key, withheld: new Set(places) })).data as ReturnType<typeof message>;

  test('reads redacted wherever it was personal, and nowhere else', () => {
    const expected = message({ text: 'redacted', external_id: 'redacted' });
    expect(read(`${meta.stream}/7`)).toEqual(expected);
  });

  test('is withheld by its place: others of its stream, and its number on another, are open', () => {
    expect(read(`${meta.stream}/6`, `${newId('conv')}/7`)).toEqual(message());
  });
});

describe('what cannot be an event is refused', () => {
  const key = personKey();
  const meta = metaOf('message.created');

  test('personal fields without a key', () => {
    expect(() => codec.encode('message.created', meta, message(), null)).toThrow(/text, external_id, .*needs the key/);
    expect(() => codec.encode('user.email_changed', metaOf('user.email_changed'), { email: null }, null)).toThrow(
      UnfitEventError,
    );
  });

  test('a type that the contract lacks', () => {
    expect(() => codec.encode('message.sung', metaOf('message.sung'), {}, key)).toThrow(UnknownEventTypeError);
  });

  test('an envelope of another type', () => {
    expect(() => codec.encode('message.created', metaOf('customer.renamed'), message(), key)).toThrow(
      /customer.renamed/,
    );
  });

  test.each([
    ['a personal field that is no text', { text: 7 }],
    ['a personal field that is missing', { text: undefined }],
    ['a personal field that is null and may not be', { text: null }],
    ['an optional personal field of another type', { external_id: 7 }],
    ['another field of another type', { channel: 7 }],
    ['another field that is missing', { channel: undefined }],
  ])('%s', (_, more) => {
    expect(() => codec.encode('message.created', meta, message(more), key)).toThrow(UnfitEventError);
  });

  test('an optional field may be left out', () => {
    const { external_id: _, ...data } = message();
    const { fingerprint, payload } = codec.encode('message.created', meta, data, key);
    expect(codec.decode(fingerprint, payload).data.external_id).toBeNull();
  });

  test('an actor who acts for nobody may leave that out', () => {
    const plain = { ...metaOf('workspace.renamed'), actor: { type: 'root', id: 'root' } };
    const { fingerprint, payload } = codec.encode('workspace.renamed', plain, { name: 'Acme' }, null);
    expect(codec.decode(fingerprint, payload).meta.actor.on_behalf_of).toBeNull();
  });

  test('bytes that were cut, or have more behind them', () => {
    const { fingerprint, payload } = codec.encode('message.created', meta, message(), key);
    for (let length = 0; length < payload.length; length += 7) {
      expect(() => codec.decode(fingerprint, payload.subarray(0, length))).toThrow(MalformedEventError);
    }
    expect(() => codec.decode(fingerprint, Buffer.concat([payload, Buffer.from([0])]))).toThrow(MalformedEventError);
  });
});

test('an event of an earlier revision reads as the newest one, with the defaults of what it lacks', () => {
  const earlier = EVENT_SCHEMAS.find(({ type, revision }) => type === 'conversation.closed' && revision === 0)!;
  const meta = metaOf('conversation.closed');
  const { payload } = new EventCodec([earlier]).encode(
    'conversation.closed',
    meta,
    { message_id: null, article: 'kb-1' },
    null,
  );
  const read = codec.decode(Buffer.from(earlier.fingerprint, 'hex'), payload);
  expect(read.data).toEqual({ message_id: null, article: 'kb-1', detail: null });
});
