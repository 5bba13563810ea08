import { isDeepStrictEqual } from 'node:util';
import type avro from 'avsc';
import { type AvroField, type AvroObject, compile, isSealed, optionalOf, walk } from './avro-json.js';
import type { SchemaFile } from './schema-files.js';
import { recordOf, type SchemaName, schemaNameOf } from './schema-name.js';

interface Parsed {
  path: string;
  name: SchemaName;
  schema: AvroObject;
  type: avro.Type;
}

const EVENT_TYPE = /^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/;

/** Everything that is wrong with a folder of schemas, each as a sentence that begins with the file. */
export function brokenSchemaRules(files: readonly SchemaFile[]): string[] {
  const problems: string[] = [];
  const parsed: Parsed[] = [];
  for (const file of files) {
    const one = parse(file, problems);
    if (one === null) continue;
    parsed.push(one);
    problems.push(...shapeProblems(one).map((problem) => `${file.path}: ${problem}`));
  }
  return [...problems, ...sharedProblems(parsed), ...revisionProblems(parsed)];
}

function parse({ path, text }: SchemaFile, problems: string[]): Parsed | null {
  const name = schemaNameOf(path);
  if (name === null) {
    problems.push(`${path}: the path must be <domain>/<event>.v<N>.<r>.avsc, in lower case.`);
    return null;
  }
  try {
    const schema = JSON.parse(text) as AvroObject;
    const type = compile(schema);
    if (schema.type === 'record') return { path, name, schema, type };
    problems.push(`${path}: the schema must be a record.`);
  } catch (error) {
    problems.push(`${path}: Avro does not take it on its own: ${(error as Error).message}.`);
  }
  return null;
}

function shapeProblems({ name, schema, type }: Parsed): string[] {
  const problems: string[] = [];
  const say = (holds: boolean, problem: string) => {
    if (!holds) problems.push(problem);
  };

  const eventType = schema['heddle.type'];
  say(type.name === recordOf(name), `the record must be ${recordOf(name)}, not ${type.name}.`);
  say(
    typeof eventType === 'string' && EVENT_TYPE.test(eventType) && eventType.replace('.', '_') === name.event,
    `heddle.type must be <noun>.<snake_case_past> and give the file its name, not ${JSON.stringify(eventType)}.`,
  );
  const groups = schema['heddle.groups'] ?? [];
  say(
    Array.isArray(groups) && groups.every((group) => typeof group === 'string' && EVENT_TYPE.test(group)),
    'heddle.groups must be a list of names like conversation.updated.',
  );

  const [first, ...data] = schema.fields as [AvroField | undefined, ...AvroField[]];
  say(first?.name === 'meta' && nameOf(first) === 'heddle.Meta', 'the first field must be meta, a heddle.Meta.');
  for (const field of data) {
    say(
      !Array.isArray(field.type) || (optionalOf(field.type) !== undefined && field.default === null),
      `the field ${field.name} is a union, and the only unions are ["null", T] with the default null.`,
    );
  }

  walk(schema, (inner, place) => {
    const at = place === '' ? 'the record' : place;
    if (isSealed(inner)) {
      say(
        data.some((field) => field.name === place),
        `${at} is sealed, and only a field of the event itself may be.`,
      );
    }
    if (typeof inner === 'string') return;
    say(inner.type !== 'enum', `${at} is an enum; a set that may grow is a string.`);
    if (inner.name !== undefined) say(hasDoc(inner), `${at} (${inner.name}) has no doc.`);
    for (const field of inner.fields ?? []) {
      say(hasDoc(field), `${place === '' ? field.name : `${place}.${field.name}`} has no doc.`);
    }
  });
  return problems;
}

function nameOf({ type }: AvroField): unknown {
  return typeof type === 'object' && !Array.isArray(type) ? type.name : type;
}

function hasDoc({ doc }: { doc?: unknown }): boolean {
  return typeof doc === 'string' && doc.trim() !== '';
}

/** A named type that several schemas spell out is one type to every reader, so it must be the same in all of them. */
function sharedProblems(parsed: readonly Parsed[]): string[] {
  const problems: string[] = [];
  const known = new Map<string, { path: string; definition: AvroObject }>();
  for (const { path, schema } of parsed) {
    walk(schema, (inner, place) => {
      if (typeof inner === 'string' || inner.name === undefined || place === '') return;
      const before = known.get(inner.name);
      if (before === undefined) known.set(inner.name, { path, definition: inner });
      else if (!isDeepStrictEqual(before.definition, inner)) {
        problems.push(`${path}: ${inner.name} is not the same as in ${before.path}.`);
      }
    });
  }
  return problems;
}

function revisionProblems(parsed: readonly Parsed[]): string[] {
  const problems: string[] = [];
  const events = Map.groupBy(parsed, ({ name }) => `${name.domain}/${name.event}`);
  const types = Map.groupBy(parsed, ({ schema }) => schema['heddle.type']);
  for (const [type, several] of types) {
    const paths = new Set(several.map(({ name }) => `${name.domain}/${name.event}`));
    if (paths.size > 1) problems.push(`${several[0]!.path}: ${type} is also a type of ${several.at(-1)!.path}.`);
    const owner = parsed.find(({ schema }) => ((schema['heddle.groups'] ?? []) as unknown[]).includes(type));
    if (owner !== undefined) problems.push(`${owner.path}: the group ${type} has the name of an event type.`);
  }
  for (const files of events.values()) {
    const versions = [...Map.groupBy(files, ({ name }) => name.version)].sort(([a], [b]) => a - b);
    versions.forEach(([version, revisions], i) => {
      if (version !== i + 1) problems.push(`${revisions[0]!.path}: there is no version ${i + 1} before it.`);
      const inOrder = revisions.sort((a, b) => a.name.revision - b.name.revision);
      inOrder.forEach(({ name, path }, r) => {
        if (name.revision !== r) problems.push(`${path}: there is no revision ${r} before it.`);
      });
      for (const [o, older] of inOrder.entries()) {
        for (const newer of inOrder.slice(o + 1)) problems.push(...pairProblems(older, newer));
      }
    });
  }
  return problems;
}

/** FULL_TRANSITIVE, and two rules that Avro's resolution leaves open: a revision only adds, and is told apart. */
function pairProblems(older: Parsed, newer: Parsed): string[] {
  const problems: string[] = [];
  for (const [reader, writer] of [
    [newer, older],
    [older, newer],
  ] as const) {
    try {
      reader.type.createResolver(writer.type);
    } catch (error) {
      problems.push(`${reader.path}: cannot read what ${writer.path} wrote: ${(error as Error).message}.`);
    }
  }
  const newerFields = fieldsOf(newer);
  for (const [name, type] of fieldsOf(older)) {
    const now = newerFields.get(name);
    // Avro lets a string become bytes, and back; the values that come out are garbage.
    if (now !== undefined && now !== type) {
      problems.push(`${newer.path}: the field ${name} has another type than in ${older.path}; a revision only adds.`);
    } else if (now === undefined) {
      problems.push(`${newer.path}: the field ${name} of ${older.path} is gone; a revision only adds.`);
    }
  }
  // The canonical form leaves docs and defaults out, so an event would not say which of the two wrote it.
  if (newer.type.fingerprint('md5').equals(older.type.fingerprint('md5'))) {
    problems.push(`${newer.path}: it has the fingerprint of ${older.path}; a revision adds a field.`);
  }
  return problems;
}

/** The canonical form of each field's type, by name. */
function fieldsOf({ type }: Parsed): Map<string, string> {
  const { fields } = type as avro.types.RecordType;
  return new Map(fields.map((field) => [field.name, JSON.stringify(field.type.schema({ noDeref: false }))]));
}
