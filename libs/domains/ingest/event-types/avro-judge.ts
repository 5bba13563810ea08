import type avro from 'avsc';
import { incompatibilities } from '../../../platform/registry/schema-resolution.js';
import type { EventTypeChange } from './event-type-change.js';
import { pointer } from './schema-keywords.js';

/** What a new version of an Avro schema changes: it must read whatever the one before wrote (Avro's schema resolution). */
export function judgeAvroSchema(before: avro.Type, after: avro.Type): EventTypeChange[] {
  const breaks = incompatibilities(after, before).map(({ path, reason }) => ({
    place: path === '/' ? '' : path,
    breaks: true,
    reason,
  }));
  return [...breaks, ...fieldChanges(before, after, '', new Set())];
}

/** Fields that came or went, as deep as records stand in records. */
function fieldChanges(before: avro.Type, after: avro.Type, at: string, seen: Set<avro.Type>): EventTypeChange[] {
  if (!isRecord(before) || !isRecord(after) || seen.has(after)) return [];
  seen.add(after);
  const had = new Map(before.fields.map((field) => [field.name, field]));
  const has = new Set(after.fields.flatMap((field) => [field.name, ...field.aliases]));
  const changes = after.fields.flatMap((field, i): EventTypeChange[] => {
    const place = `${at}/fields/${i}`;
    const source = had.get(field.name) ?? field.aliases.map((alias) => had.get(alias)).find((one) => one !== undefined);
    if (source === undefined) {
      const isOptional = field.defaultValue() !== undefined;
      return isOptional ? [{ place, breaks: false, reason: `${field.name} may be there, and has a default` }] : [];
    }
    const renamed: EventTypeChange[] =
      source.name === field.name
        ? []
        : [{ place, breaks: false, reason: `${source.name} is ${field.name} now, and keeps its name as an alias` }];
    return [...renamed, ...fieldChanges(source.type, field.type, `${place}/type`, seen)];
  });
  const gone = before.fields.filter((field) => !has.has(field.name));
  return [
    ...changes,
    ...gone.map(({ name }) => ({ place: at + pointer('fields'), breaks: false, reason: `${name} is passed over now` })),
  ];
}

function isRecord(type: avro.Type): type is avro.types.RecordType {
  return type.typeName === 'record' || type.typeName === 'error';
}
