import type { FieldDeclaration, FieldValue } from '../kernel/fields/field-declaration.js';
import { checkValue, jsonOf } from '../kernel/fields/field-value.js';
import type { ChangeFields, FieldChange, RequiredField } from '../kernel/fields/held-fields.js';
import { type FieldError, Problem, type ProblemCode } from '../kernel/problem.js';
import type { HeldValue } from './field-reads.js';

/** What a request says of fields, by their keys: a value each, or null to take it away. */
export type FieldsByKey = Readonly<Record<string, FieldValue | null>>;

const MOST_BYTES = 65_536;

/** What a command about fields is made of. */
export interface WantedFields extends ChangeFields {
  /** Ids that the values refer to: they must exist. */
  references: string[];
}

/**
 * A request's values as changes of what a thing holds. Throws `unknown_field`, `archived` and `field_value_invalid`, with
 * every place that is wrong.
 */
export function wantedFields(
  fields: FieldsByKey,
  declarations: readonly FieldDeclaration[],
  held: readonly HeldValue[],
  { replaces = false, isNew = false }: { replaces?: boolean; isNew?: boolean } = {},
): WantedFields {
  const byKey = new Map(declarations.map((declaration) => [declaration.key, declaration]));
  const before = new Map(held.map(({ field, value }) => [field, value]));
  const wrong: { code: ProblemCode; error: FieldError }[] = [];
  const changes: FieldChange[] = [];
  for (const [key, value] of Object.entries(fields)) {
    const declaration = byKey.get(key);
    const change = declaration === undefined ? unknown(key) : changeTo(declaration, value, before.get(declaration.id));
    if ('code' in change) {
      wrong.push({ code: change.code, error: { pointer: `/body/fields/${key}`, message: change.message } });
    } else changes.push(change);
  }
  const first = wrong[0];
  if (first !== undefined) {
    const detail = `${first.error.pointer} ${first.error.message}.`;
    throw new Problem(first.code, detail, { errors: wrong.map(({ error }) => error) });
  }
  requireRoom(changes, replaces ? [] : held);
  if (isNew) changes.push(...defaults(declarations, fields));
  return { changes, replaces, required: requiredFields(declarations), references: referencesIn(changes) };
}

/** So that a page of a thousand things, each with all of its values, can be held. */
function requireRoom(changes: readonly FieldChange[], kept: readonly HeldValue[]): void {
  const sizes = new Map(kept.map(({ field, value }) => [field, Buffer.byteLength(value)]));
  for (const { field, json } of changes) sizes.set(field, json === null ? 0 : Buffer.byteLength(json));
  const size = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (size <= MOST_BYTES) return;
  throw new Problem('too_many_fields', `The values of one thing come to ${MOST_BYTES} bytes of JSON at most.`);
}

/** What may not be missing, where that is asked. */
export function requiredFields(declarations: readonly FieldDeclaration[]): RequiredField[] {
  return declarations
    .filter(({ required, archived }) => required && !archived)
    .map(({ id, key, dependsOn }) => ({ field: id, key, dependsOn }));
}

interface Refused {
  code: ProblemCode;
  message: string;
}

function unknown(key: string): Refused {
  return { code: 'unknown_field', message: `is no custom field that is declared here: declare ${key} first` };
}

function changeTo(
  declaration: FieldDeclaration,
  value: FieldValue | null,
  before: string | undefined,
): FieldChange | Refused {
  const { id: field, key, kind, version, personal, dependsOn, archived } = declaration;
  const change = { field, key, kind, version, personal, dependsOn };
  if (value === null) return { ...change, json: null, isSame: before === undefined };
  const checked = checkValue(declaration, value);
  const json = jsonOf('value' in checked ? checked.value : value);
  // What a thing has may stay, whatever has become of its field since.
  if (json === before) return { ...change, json, isSame: true };
  if (archived) return { code: 'archived', message: 'is an archived custom field, and takes no more values' };
  if ('wrong' in checked) return { code: 'field_value_invalid', message: `${checked.wrong}, as ${kindOf(kind)} needs` };
  return { ...change, json, isSame: false };
}

function kindOf(kind: string): string {
  return `a field of the kind ${kind}`;
}

function defaults(declarations: readonly FieldDeclaration[], given: FieldsByKey): FieldChange[] {
  return declarations
    .filter(({ key, archived, default: value }) => value !== null && !archived && !Object.hasOwn(given, key))
    .map(({ id: field, key, kind, version, personal, dependsOn, default: value }) => ({
      field,
      key,
      kind,
      version,
      personal,
      dependsOn,
      json: jsonOf(value!),
      isSame: false,
      byDefault: true,
    }));
}

function referencesIn(changes: readonly FieldChange[]): string[] {
  return changes
    .filter(({ kind, json }) => kind === 'reference' && json !== null)
    .map(({ json }) => JSON.parse(json!) as string);
}
