import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_GROUPS, EVENT_SCHEMAS } from '../../libs/contract/generated/event-schemas.js';
import { packageRoot } from '../../libs/platform/postgres/package-root.js';
import type { AvroField, AvroObject } from '../../scripts/generate/avro-json.js';
import { driftedFiles } from '../../scripts/generate/drift.js';
import { eventSchemaOf, eventSchemasOf } from '../../scripts/generate/event-schemas.js';
import { outputsOf } from '../../scripts/generate/outputs.js';
import { plainTypesModule } from '../../scripts/generate/plain-types.js';
import { readSchemaFiles, type SchemaFile } from '../../scripts/generate/schema-files.js';
import { brokenSchemaRules } from '../../scripts/generate/schema-rules.js';

const released = readSchemaFiles(join(packageRoot, 'schemas'));
const PATH = 'conversation/message_created.v1.0.avsc';
const original = released.find(({ path }) => path === PATH)!.text;

/** A copy of message_created with something done to it, at another path if need be. */
function planted(change: (schema: AvroObject) => unknown, path = PATH): SchemaFile {
  const schema = JSON.parse(original) as AvroObject;
  change(schema);
  return { path, text: JSON.stringify(schema) };
}

const field = (schema: AvroObject, name: string) => schema.fields!.find((one) => one.name === name)!;
const meta = (schema: AvroObject) => field(schema, 'meta').type as AvroObject;
const optional: AvroField = { name: 'language', doc: 'ISO 639-1.', type: ['null', 'string'], default: null };
const revision1 = 'conversation/message_created.v1.1.avsc';
/** As it was before the first revision of the schema that the tests revise. */
const files = released.filter(({ path }) => path !== revision1);

describe('the schemas of this repository', () => {
  test('keep every rule', () => {
    expect(released.length).toBeGreaterThan(0);
    expect(brokenSchemaRules(released)).toEqual([]);
  });

  test('have been generated from: no file has drifted', () => {
    expect(driftedFiles(packageRoot, outputsOf(packageRoot))).toEqual([]);
  });

  test('are all in the table, with the fields that are personal', () => {
    expect(EVENT_SCHEMAS).toHaveLength(released.length);
    for (const { schema, personal } of EVENT_SCHEMAS) {
      const sealed = schema.fields.filter(({ type }) => JSON.stringify(type).includes('"heddle.Sealed"'));
      expect(personal).toEqual(sealed.map(({ name }) => name));
    }
  });

  test('make conversation.updated stand for every change of a conversation', () => {
    const changes = EVENT_SCHEMAS.map(({ type }) => type).filter(
      (type) => type.startsWith('conversation.') && type !== 'conversation.created',
    );
    expect([...EVENT_GROUPS['conversation.updated']!].sort()).toEqual([...new Set(changes)].sort());
  });
});

describe('one schema', () => {
  test.each<[string, SchemaFile, RegExp]>([
    ['a path without a version', planted(() => undefined, 'conversation/message_created.avsc'), /path must be/],
    ['a path in no folder', planted(() => undefined, 'message_created.v1.0.avsc'), /path must be/],
    ['text that is not JSON', { path: PATH, text: '{' }, /does not take it on its own/],
    ['a type that is defined elsewhere', planted((s) => (field(s, 'author').type = 'heddle.Address')), /on its own/],
    ['a schema that is no record', { path: PATH, text: '"string"' }, /must be a record/],
    [
      'a record that the path does not name',
      planted((s) => (s.name = 'MessageSent')),
      /must be heddle.conversation.Mess/,
    ],
    [
      'a record of another domain',
      planted((s) => (s.namespace = 'heddle.customer')),
      /must be heddle.conversation.Mess/,
    ],
    [
      'a version 2 with the record of version 1',
      planted(() => undefined, PATH.replace('v1', 'v2')),
      /MessageCreatedV2/,
    ],
    ['a type that the path does not name', planted((s) => (s['heddle.type'] = 'message.sent')), /heddle.type must be/],
    ['a type without its noun', planted((s) => (s['heddle.type'] = 'message_created')), /heddle.type must be/],
    ['no type', planted((s) => delete s['heddle.type']), /heddle.type must be/],
    [
      'groups that are no list of names',
      planted((s) => (s['heddle.groups'] = 'conversation')),
      /heddle.groups must be/,
    ],
    ['a group with a type’s name', planted((s) => (s['heddle.groups'] = ['message.created'])), /name of an event type/],
    ['a first field that is not meta', planted((s) => s.fields!.unshift(optional)), /first field must be meta/],
    ['a meta that is not the envelope', planted((s) => (meta(s).name = 'heddle.Head')), /first field must be meta/],
    ['an envelope of its own', planted((s) => meta(s).fields!.pop()), /heddle.Meta is not the same as in/],
    [
      'an enum',
      planted((s) => (field(s, 'type').type = { type: 'enum', name: 'Kind', doc: 'x', symbols: ['a'] } as never)),
      /is an enum/,
    ],
    [
      'an enum in a list',
      planted(
        (s) =>
          (field(s, 'type').type = {
            type: 'array',
            items: { type: 'enum', name: 'Kind', doc: 'x', symbols: ['a'] },
          } as never),
      ),
      /is an enum/,
    ],
    ['a record without a doc', planted((s) => delete s.doc), /the record \(MessageCreated\) has no doc/],
    ['a field without a doc', planted((s) => delete field(s, 'text').doc), /text has no doc/],
    ['a nested field without a doc', planted((s) => delete meta(s).fields![0]!.doc), /meta.id has no doc/],
    ['a nested record without a doc', planted((s) => delete meta(s).doc), /meta \(heddle.Meta\) has no doc/],
    [
      'a union of two types',
      planted((s) => (field(s, 'channel').type = ['string', 'long'])),
      /field channel is a union/,
    ],
    [
      'an optional field without a default',
      planted((s) => delete field(s, 'external_id').default),
      /external_id is a union/,
    ],
    [
      'a sealed value in a list',
      planted((s) => s.fields!.push({ name: 'names', doc: 'x', type: { type: 'array', items: 'heddle.Sealed' } })),
      /only a field of the event itself/,
    ],
    [
      'a sealed value in a record',
      planted((s) =>
        s.fields!.push({
          name: 'inner',
          doc: 'x',
          type: {
            type: 'record',
            name: 'Inner',
            doc: 'x',
            fields: [{ name: 'secret', doc: 'x', type: 'heddle.Sealed' }],
          },
        }),
      ),
      /inner.secret is sealed/,
    ],
  ])('%s is refused', (_, bad, sentence) => {
    const others = files.filter(({ path }) => path !== bad.path);
    const problems = brokenSchemaRules([...others, bad]);
    expect(problems.join('\n')).toMatch(sentence);
    expect(problems.join('\n')).toContain(bad.path);
  });
});

describe('a revision', () => {
  const added = planted((schema) => schema.fields!.push(optional), revision1);

  test('that adds an optional field is welcome', () => {
    expect(brokenSchemaRules([...files, added])).toEqual([]);
  });

  test.each<[string, SchemaFile[], RegExp]>([
    [
      'adds a field without a default',
      [planted((s) => s.fields!.push({ name: 'x', doc: 'x', type: 'string' }), revision1)],
      /v1\.1\.avsc: cannot read what .*v1\.0\.avsc wrote/,
    ],
    [
      'takes a field without a default away',
      [planted((s) => s.fields!.pop() && s.fields!.splice(4, 1), revision1)],
      /v1\.0\.avsc: cannot read what .*v1\.1\.avsc wrote/,
    ],
    [
      'takes an optional field away',
      [planted((s) => s.fields!.pop() && s.fields!.push(optional), revision1)],
      /field external_id of .* is gone/,
    ],
    [
      'gives a field another type',
      [planted((s) => (field(s, 'channel').type = 'long'), revision1)],
      /cannot read what/,
    ],
    [
      'makes bytes of a string, which Avro allows',
      [planted((s) => (field(s, 'channel').type = 'bytes'), revision1)],
      /field channel has another type/,
    ],
    [
      'changes nothing that a reader could tell',
      [planted((s) => (s.doc = 'Said better.'), revision1)],
      /has the fingerprint of/,
    ],
    [
      'leaves a number out',
      [planted((s) => s.fields!.push(optional), PATH.replace('1.0', '1.2'))],
      /no revision 1 before it/,
    ],
    [
      'has a version without the one before',
      [planted((s) => (s.name = 'MessageCreatedV3'), PATH.replace('v1', 'v3'))],
      /no version 2 before it/,
    ],
    [
      'fits its neighbour and not the first',
      [
        added,
        planted(
          (s) => {
            s.fields!.push(optional);
            field(s, 'channel').type = 'long';
          },
          PATH.replace('1.0', '1.2'),
        ),
      ],
      /v1\.2\.avsc: cannot read what .*v1\.0\.avsc wrote/,
    ],
    [
      'has the type of another domain’s event',
      [planted((s) => (s.namespace = 'heddle.chat'), PATH.replace('conversation', 'chat'))],
      /message.created is also a type of/,
    ],
  ])('that %s is refused', (_, bad, sentence) => {
    expect(brokenSchemaRules([...files, ...bad]).join('\n')).toMatch(sentence);
  });
});

describe('what is generated', () => {
  test('keeps the older revisions in the table, in order, and types the newest', () => {
    const added = planted((schema) => schema.fields!.push(optional), revision1);
    const schemas = eventSchemasOf([added, ...files]).filter(({ type }) => type === 'message.created');
    expect(schemas.map(({ version, revision }) => [version, revision])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(plainTypesModule(schemas)).toContain('  /** ISO 639-1. */\n  language: string | null;\n');
  });

  test('does not depend on the order in which a folder is read', () => {
    expect(eventSchemasOf([...files].reverse())).toEqual(eventSchemasOf(files));
  });

  test('types lists, maps and records of one’s own', () => {
    const schema = eventSchemaOf(
      planted((s) => {
        s.fields!.push(
          { name: 'many', doc: 'A.', type: { type: 'array', items: 'heddle.Party' } },
          { name: 'by_name', doc: 'B.', type: { type: 'map', values: 'long' } },
          { name: 'at', doc: 'C.', type: ['null', { type: 'long', logicalType: 'timestamp-millis' }] },
        );
      }),
    );
    const text = plainTypesModule([schema]);
    expect(text).toContain('many: Party[];');
    expect(text).toContain('by_name: Record<string, number>;');
    expect(text).toContain('at: number | null;');
    expect(text).toContain('export interface Party {');
  });

  test('is named when it was changed, is missing, or has no schema any more', () => {
    const root = mkdtempSync(join(tmpdir(), 'heddle-drift-'));
    try {
      const made = outputsOf(packageRoot).map(({ path }) => path);
      for (const path of ['schemas', ...made]) {
        cpSync(join(packageRoot, path), join(root, path), { recursive: true });
      }
      expect(driftedFiles(root, outputsOf(root))).toEqual([]);
      writeFileSync(join(root, 'libs/contract/generated/event-data.ts'), 'export type EventType = string;\n');
      writeFileSync(join(root, 'libs/contract/generated/old.ts'), '');
      rmSync(join(root, 'docs/events.md'));
      expect(driftedFiles(root, outputsOf(root))).toEqual([
        'libs/contract/generated/event-data.ts',
        'docs/events.md',
        'libs/contract/generated/old.ts',
      ]);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  test('is not made from schemas that break a rule', () => {
    const root = mkdtempSync(join(tmpdir(), 'heddle-schemas-'));
    try {
      cpSync(join(packageRoot, 'schemas'), join(root, 'schemas'), { recursive: true });
      writeFileSync(join(root, 'schemas', PATH), planted((schema) => delete schema.doc).text);
      expect(() => outputsOf(root)).toThrow(`schemas/${PATH}: the record (MessageCreated) has no doc.`);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
