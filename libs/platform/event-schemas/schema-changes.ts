import type { EventSchema } from '../../contract/event-schema.js';
import type { JsonSchema } from '../operations/openapi-types.js';
import { dataSchema } from './data-schema.js';
import { versionOf } from './schema-catalogue.js';

export const CHANGES = [
  'added',
  'removed',
  'type_changed',
  'default_changed',
  'doc_changed',
  'record_changed',
] as const;

/** What is otherwise in one version than in another. */
export interface SchemaChange {
  /** Null where it is about the event as a whole. */
  field: string | null;
  change: (typeof CHANGES)[number];
  sentence: string;
  /** The field as JSON Schema before, or the text about the whole; null where it was not there. */
  from: JsonSchema | string | null;
  to: JsonSchema | string | null;
}

/** From one version of a type to another, in either direction: the event's own changes first, then field by field. */
export function changesBetween(from: EventSchema, to: EventSchema): SchemaChange[] {
  const [before, after] = [dataSchema(from).properties!, dataSchema(to).properties!];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return [
    ...wholeChanges(from, to),
    ...fields.flatMap((field) => fieldChanges(field, before[field], after[field], to)),
  ];
}

function wholeChanges(from: EventSchema, to: EventSchema): SchemaChange[] {
  const changes: SchemaChange[] = [];
  if (from.record !== to.record) {
    changes.push({
      field: null,
      change: 'record_changed',
      sentence: `On Kafka it is another record, ${to.record}: Avro does not resolve the one into the other.`,
      from: from.record,
      to: to.record,
    });
  }
  if (from.doc !== to.doc) {
    const sentence = 'What the event says is described otherwise.';
    changes.push({ field: null, change: 'doc_changed', sentence, from: from.doc, to: to.doc });
  }
  return changes;
}

function fieldChanges(
  field: string,
  from: JsonSchema | undefined,
  to: JsonSchema | undefined,
  version: EventSchema,
): SchemaChange[] {
  const change = (kind: SchemaChange['change'], sentence: string): SchemaChange => ({
    field,
    change: kind,
    sentence,
    from: from ?? null,
    to: to ?? null,
  });
  if (from === undefined) return [change('added', addedSentence(field, to!))];
  if (to === undefined) return [change('removed', `${versionOf(version)} has no ${field}.`)];
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
  const [{ default: defaultBefore, ...before }, { default: defaultAfter, ...after }] = [from, to];
  const changes: SchemaChange[] = [];
  if (!same(shapeOf(before), shapeOf(after))) {
    changes.push(change('type_changed', `${field} holds values of another kind.`));
  } else if (!same(before, after)) {
    changes.push(change('doc_changed', `${field} holds the same kind of value, and is described otherwise.`));
  }
  if (!same(defaultBefore, defaultAfter)) {
    changes.push(change('default_changed', `${field} shows another default where an event has none of its own.`));
  }
  return changes;
}

function addedSentence(field: string, to: JsonSchema): string {
  return to.default === undefined
    ? `${field} is new, and always has a value of its own.`
    : `${field} is new; events that were written before it show ${JSON.stringify(to.default)}.`;
}

/** The kind of values alone, without what describes them. */
function shapeOf({ description: _words, default: _value, ...shape }: JsonSchema): JsonSchema {
  const { properties, items, anyOf } = shape;
  return {
    ...shape,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, shapeOf(field)])),
    }),
    ...(items && { items: shapeOf(items) }),
    ...(anyOf && { anyOf: anyOf.map(shapeOf) }),
  };
}
