import { ERASED, REDACTED } from '../event-codec/event-codec.js';
import type { DomainEvent, EventMeta } from '../kernel/event.js';
import type { FieldValue, Money } from '../kernel/fields/field-declaration.js';
import type { FieldSet } from '../kernel/fields/held-fields.js';
import type { SqlStatement } from '../postgres/connection.js';
import { arraysOf, type Columns, count, flag, text, time, unnest, uuid } from '../projections/column.js';
import type { ProjectedEvent, Projection } from '../projections/projection.js';

/** A `<noun>.field_set` or `<noun>.field_cleared`; that of a message names it. */
type FieldChanged = ProjectedEvent & DomainEvent<string, FieldSet & { message_id?: string }>;

interface ChangedField {
  /** What has the value: the stream's own thing, or a message on it. */
  owner: string;
  meta: EventMeta;
  /** Null where the value was taken away. */
  set: FieldSet | null;
  field: string;
}

/** A part of a value: a multi_enum has a row for each of its options, all else one. */
interface ValueRow {
  owner: string;
  field: string;
  item: number;
  meta: EventMeta;
  set: FieldSet;
  /** The whole value as JSON, on its first part. */
  value: string | null;
  textValue: string | null;
  numberValue: string | null;
  dateValue: string | null;
  boolValue: boolean | null;
}

/** A personal value that is not to be read any more is shown as all that is so, and found by nothing. */
const UNREADABLE: readonly string[] = [ERASED, REDACTED];

const GONE: Columns<ChangedField> = {
  owner: uuid(({ owner }) => owner),
  field: uuid(({ field }) => field),
};

/** By their ids. */
const REDACTED_MESSAGES: Columns<string> = { owner: uuid((message) => message) };

const COLUMNS: Columns<ValueRow> = {
  owner: uuid(({ owner }) => owner),
  field: uuid(({ field }) => field),
  item: count(({ item }) => item),
  workspace: uuid(({ meta }) => meta.workspace),
  stream: uuid(({ meta }) => meta.stream),
  key: text(({ set }) => set.key),
  kind: text(({ set }) => set.kind),
  version: count(({ set }) => set.version),
  value: text(({ value }) => value),
  text_value: text(({ textValue }) => textValue),
  number_value: text(({ numberValue }) => numberValue),
  date_value: text(({ dateValue }) => dateValue),
  has_bool: flag(({ boolValue }) => boolValue !== null),
  bool_value: flag(({ boolValue }) => boolValue === true),
  set_at: time(({ meta }) => meta.occurred_at),
};

const INSERT = `(owner, field, item, workspace, stream, key, kind, version, value,
                 text_value, number_value, date_value, bool_value, set_at)
  select owner, field, item, workspace, stream, key, kind, version, value,
         text_value, number_value::numeric, date_value::date, case when has_bool then bool_value end, set_at
    from ${unnest(COLUMNS)}`;

/** The `project` of a table of the values that things have now, in columns that can be searched. */
export function valueRows(table: string): Projection['project'] {
  return (events, tableName) => {
    const changed = new Map<string, ChangedField>();
    const redacted: string[] = [];
    for (const { type, meta, data } of events as readonly FieldChanged[]) {
      if (type === 'message.redacted') {
        redacted.push(data.message_id!);
        continue;
      }
      const owner = data.message_id ?? meta.stream;
      const set = type.endsWith('.field_set') ? data : null;
      changed.set(`${owner} ${data.field_id}`, { owner, meta, set, field: data.field_id });
    }
    const target = tableName(table);
    const all = [...changed.values()];
    const rows = all.flatMap(partsOf);
    const statements: SqlStatement[] = [];
    if (all.length > 0) {
      statements.push({
        name: `delete ${target}`,
        text: `delete from ${target} r using ${unnest(GONE)} where r.owner = e.owner and r.field = e.field`,
        values: arraysOf(GONE, all),
      });
    }
    if (rows.length > 0) {
      const text = `insert into ${target} ${INSERT}`;
      statements.push({ name: `insert ${target}`, text, values: arraysOf(COLUMNS, rows) });
    }
    // Nothing is set on a message that is redacted: its redaction is the last word on it.
    if (redacted.length > 0) {
      statements.push({
        name: `redact ${target}`,
        text: `delete from ${target} r using ${unnest(REDACTED_MESSAGES)} where r.owner = e.owner`,
        values: arraysOf(REDACTED_MESSAGES, redacted),
      });
    }
    return statements;
  };
}

function partsOf({ owner, field, meta, set }: ChangedField): ValueRow[] {
  if (set === null) return [];
  const nothing = { textValue: null, numberValue: null, dateValue: null, boolValue: null };
  const part = { owner, field, item: 0, meta, set, value: null, ...nothing };
  const json = set.value ?? set.personal_value;
  if (json === null || UNREADABLE.includes(json)) return [{ ...part, value: JSON.stringify(json ?? ERASED) }];
  const value = JSON.parse(json) as FieldValue;
  const first = { ...part, value: json };
  switch (set.kind) {
    case 'boolean':
      return [{ ...first, boolValue: value as boolean }];
    case 'number':
      return [{ ...first, numberValue: String(value) }];
    case 'date':
      return [{ ...first, dateValue: value as string }];
    case 'currency': {
      const { amount, currency } = value as Money;
      return [{ ...first, textValue: currency, numberValue: amount }];
    }
    case 'text':
      return [first];
    case 'multi_enum':
      return (value as readonly string[]).map((textValue, item) => ({
        ...(item === 0 ? first : part),
        item,
        textValue,
      }));
    default:
      return [{ ...first, textValue: value as string }];
  }
}
