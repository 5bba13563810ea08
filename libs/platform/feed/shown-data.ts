import { EVENT_SCHEMAS } from '../../contract/generated/event-schemas.js';
import { ERASED, REDACTED } from '../event-codec/event-codec.js';

type Data = Readonly<Record<string, unknown>>;

/** What the API shows otherwise than the log keeps it. */
export type ShownAs = 'json' | 'time' | 'hidden';

/** The fields of types that have any such, by the event's type. */
const SHOWN: ReadonlyMap<string, ReadonlyMap<string, ShownAs>> = new Map(
  EVENT_SCHEMAS.flatMap(({ type, schema }) => {
    const fields = schema.fields.flatMap((field) => {
      const as = shownAs(field);
      return as === null ? [] : [[field.name, as] as const];
    });
    return fields.length === 0 ? [] : [[type, new Map(fields)] as const];
  }),
);

type Field = (typeof EVENT_SCHEMAS)[number]['schema']['fields'][number];

/** Null for a field that is shown as it is kept. */
export function shownAs(field: Pick<Field, 'type' | 'heddle.json' | 'heddle.hidden'>): ShownAs | null {
  if (field['heddle.hidden'] === true) return 'hidden';
  if (field['heddle.json'] === true) return 'json';
  return isTime(field.type) ? 'time' : null;
}

function isTime(type: unknown): boolean {
  if (Array.isArray(type)) return type.some(isTime);
  return (type as { logicalType?: string } | null)?.logicalType === 'timestamp-millis';
}

/** Of a type's events the fields that are shown otherwise than they are kept; undefined for none. */
export function shownFieldsOf(type: string): ReadonlyMap<string, ShownAs> | undefined {
  return SHOWN.get(type);
}

/** An event's data as the API shows it: what is kept as JSON as what it says, times in UTC (RFC 3339), and nothing that is hidden. */
export function shownData(type: string, data: Data): Data {
  const fields = SHOWN.get(type);
  if (fields === undefined) return data;
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(data)) {
    const as = fields.get(name);
    if (as === 'hidden') continue;
    shown[name] = as === 'json' ? jsonOf(value) : as === 'time' ? timeOf(value) : value;
  }
  return shown;
}

/** Whether a text is JSON, and not one of the words that stand where it was. */
export function isJson(value: unknown): value is string {
  return typeof value === 'string' && value !== ERASED && value !== REDACTED;
}

function jsonOf(value: unknown): unknown {
  return isJson(value) ? (JSON.parse(value) as unknown) : value;
}

export function timeOf(value: unknown): unknown {
  return typeof value === 'number' ? new Date(value).toISOString() : value;
}
