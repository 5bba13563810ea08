import { ERASED, REDACTED } from '../event-codec/event-codec.js';
import type { FieldValue } from '../kernel/fields/field-declaration.js';

type Shown = Readonly<Record<string, FieldValue>>;

/** What a thing shows of its custom fields after a value was set: the fold of what the read models keep. */
export function withShownValue(
  shown: Shown,
  { key, value, personal_value }: { key: string; value: string | null; personal_value?: string | null },
): Record<string, FieldValue> {
  const json = value ?? personal_value ?? ERASED;
  const isReadable = json !== ERASED && json !== REDACTED;
  return { ...shown, [key]: isReadable ? (JSON.parse(json) as FieldValue) : json };
}

export function withoutShownValue(shown: Shown, key: string): Record<string, FieldValue> {
  const { [key]: _, ...others } = shown;
  return others;
}
