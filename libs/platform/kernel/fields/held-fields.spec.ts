import { isRefusal } from '../decider.js';
import type { FieldKind } from './field-declaration.js';
import {
  type ChangeFields,
  type FieldChange,
  fieldEvents,
  type HeldFields,
  MOST_HELD,
  missing,
  withField,
} from './held-fields.js';

/** Ids in the order in which the fields were made. */
const YARN = 'fld_1';
const BLEND = 'fld_2';
const SHARE = 'fld_3';
const NOTE = 'fld_4';

function change(field: string, kind: FieldKind, value: unknown, more: Partial<FieldChange> = {}): FieldChange {
  const json = value === null ? null : JSON.stringify(value);
  const rest = { version: 3, personal: false, isSame: false, dependsOn: null };
  return { field, key: `key_of_${field}`, kind, json, ...rest, ...more };
}
const on = (field_id: string, ...values: string[]) => ({ dependsOn: { field_id, values } });
const command = (changes: FieldChange[], more: Partial<ChangeFields> = {}): ChangeFields => ({
  changes,
  replaces: false,
  required: [],
  ...more,
});
const held = (...changes: FieldChange[]): HeldFields => {
  const events = fieldEvents(command(changes), {});
  if (isRefusal(events)) throw new Error(events.detail);
  return events.reduce(withField, {});
};
const verbs = (decision: ReturnType<typeof fieldEvents>) =>
  isRefusal(decision) ? decision.refused : decision.map(({ verb, data }) => `${verb} ${data.field_id}`);

it('sets a value, open or sealed, with the version of its field', () => {
  expect(
    fieldEvents(command([change(NOTE, 'string', 'x'), change(YARN, 'enum', 'wool', { personal: true })]), {}),
  ).toEqual([
    {
      verb: 'field_set',
      data: { field_id: YARN, key: 'key_of_fld_1', kind: 'enum', version: 3, value: null, personal_value: '"wool"' },
    },
    {
      verb: 'field_set',
      data: { field_id: NOTE, key: 'key_of_fld_4', kind: 'string', version: 3, value: '"x"', personal_value: null },
    },
  ]);
});

it('says nothing of what is so already', () => {
  const before = held(change(NOTE, 'string', 'x'));
  expect(fieldEvents(command([change(NOTE, 'string', 'x', { isSame: true })]), before)).toEqual([]);
  expect(fieldEvents(command([change(YARN, 'enum', null)]), before)).toEqual([]);
  // It was taken away since it was seen to be the same.
  expect(verbs(fieldEvents(command([change(NOTE, 'string', 'x', { isSame: true })]), {}))).toEqual([
    `field_set ${NOTE}`,
  ]);
});

it('takes away what it is told to, and all else where it replaces', () => {
  const before = held(change(NOTE, 'string', 'x'), change(YARN, 'enum', 'wool'));
  expect(verbs(fieldEvents(command([change(NOTE, 'string', null)]), before))).toEqual([`field_cleared ${NOTE}`]);
  const replacing = command([change(NOTE, 'string', 'y')], { replaces: true });
  expect(verbs(fieldEvents(replacing, before))).toEqual([`field_cleared ${YARN}`, `field_set ${NOTE}`]);
});

it('keeps of a value no more than what others depend on', () => {
  expect(
    held(
      change(YARN, 'multi_enum', ['linen', 'wool']),
      change(BLEND, 'boolean', true),
      change(SHARE, 'number', 40),
      change(NOTE, 'enum', 'secret', { personal: true }),
    ),
  ).toEqual({
    [YARN]: { key: 'key_of_fld_1', choices: ['linen', 'wool'] },
    [BLEND]: { key: 'key_of_fld_2', choices: ['true'] },
    [SHARE]: { key: 'key_of_fld_3' },
    [NOTE]: { key: 'key_of_fld_4' },
  });
});

it('asks for a field only with the values of the other one, as they are after the command', () => {
  const blend = (more: Partial<FieldChange> = {}) => change(BLEND, 'boolean', true, { ...on(YARN, 'wool'), ...more });
  const share = change(SHARE, 'number', 40, on(BLEND, 'true'));
  expect(verbs(fieldEvents(command([blend()]), {}))).toBe('field_not_asked');
  expect(verbs(fieldEvents(command([share, blend(), change(YARN, 'enum', 'wool')]), {}))).toEqual([
    `field_set ${YARN}`,
    `field_set ${BLEND}`,
    `field_set ${SHARE}`,
  ]);
  const before = held(change(YARN, 'enum', 'wool'), blend());
  expect(verbs(fieldEvents(command([change(YARN, 'enum', 'silk'), blend()]), before))).toBe('field_not_asked');
  // What it has may stay, and may be taken away.
  const silk = change(YARN, 'enum', 'silk');
  expect(verbs(fieldEvents(command([silk, blend({ isSame: true })]), before))).toEqual([`field_set ${YARN}`]);
  expect(verbs(fieldEvents(command([silk, blend({ json: null })]), before))).toEqual([
    `field_set ${YARN}`,
    `field_cleared ${BLEND}`,
  ]);
});

it('gives a default only where the field is asked for', () => {
  const ply = change(BLEND, 'number', 2, { ...on(YARN, 'wool'), byDefault: true });
  expect(verbs(fieldEvents(command([change(YARN, 'enum', 'silk'), ply]), {}))).toEqual([`field_set ${YARN}`]);
  expect(verbs(fieldEvents(command([change(YARN, 'enum', 'wool'), ply]), {}))).toEqual([
    `field_set ${YARN}`,
    `field_set ${BLEND}`,
  ]);
});

it('does without a required field where that is not asked for', () => {
  const required = [
    { field: YARN, key: 'yarn', dependsOn: null },
    { field: BLEND, key: 'blend', dependsOn: { field_id: YARN, values: ['wool'] } },
  ];
  expect(missing(required, {})).toMatchObject({ refused: 'field_required', detail: expect.stringContaining('yarn') });
  expect(missing(required, held(change(YARN, 'enum', 'silk')))).toBeNull();
  expect(missing(required, held(change(YARN, 'enum', 'wool')))).toMatchObject({
    detail: expect.stringContaining('blend'),
  });
  expect(
    verbs(fieldEvents(command([change(YARN, 'enum', null)], { required }), held(change(YARN, 'enum', 'silk')))),
  ).toBe('field_required');
});

it('has an end', () => {
  const many = Array.from({ length: MOST_HELD }, (_, n) => change(`fld_a${n}`, 'string', 'x'));
  const full = held(...many);
  expect(verbs(fieldEvents(command([change(NOTE, 'string', 'x')]), full))).toBe('too_many_fields');
  expect(verbs(fieldEvents(command([change(NOTE, 'string', 'x')], { replaces: true }), full))).toHaveLength(
    MOST_HELD + 1,
  );
});
