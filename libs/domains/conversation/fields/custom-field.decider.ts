import { type Decider, type Refusal, refuse } from '../../../platform/kernel/decider.js';
import {
  type FieldDeclaration,
  type FieldDependency,
  type FieldKind,
  type FieldObject,
  type FieldOption,
  type FieldValue,
  isChoice,
  type ReferenceTo,
} from '../../../platform/kernel/fields/field-declaration.js';
import { checkValue, jsonOf } from '../../../platform/kernel/fields/field-value.js';
import type { CustomFieldEvent } from './custom-field.events.js';

/** What is undefined stays as it is. */
export interface ChangeCustomField {
  /** What it is for good. Needed to make one; of one that there is, what is said has to be so. */
  identity?: (Pick<FieldIdentity, 'object' | 'key' | 'kind'> & Partial<FieldIdentity>) | undefined;
  name?: string | undefined;
  description?: string | null | undefined;
  required?: boolean | undefined;
  default?: FieldValue | null | undefined;
  options?: readonly FieldOption[] | undefined;
  dependsOn?: FieldDependency | null | undefined;
  archived?: boolean | undefined;
  /** The field's own id. */
  self: string;
  /** The field that `dependsOn` names, as it was read before; null where there is none such for the object. */
  parent?: Pick<FieldDeclaration, 'id' | 'object' | 'kind' | 'personal' | 'options'> | null | undefined;
}

export interface FieldIdentity {
  object: FieldObject;
  key: string;
  kind: FieldKind;
  personal: boolean;
  referenceTo: ReferenceTo | null;
}

export interface CustomFieldState extends FieldIdentity {
  name: string;
  description: string | null;
  required: boolean;
  default: FieldValue | null;
  options: readonly FieldOption[];
  dependsOn: FieldDependency | null;
  archived: boolean;
}

/** Made by the first change, which must say what it is. Each event makes its next version. */
export const customFieldDecider: Decider<ChangeCustomField, CustomFieldState, CustomFieldEvent> = { decide, evolve };

function decide(command: ChangeCustomField, state: CustomFieldState | null): CustomFieldEvent[] | Refusal {
  if (state === null) return created(command);
  const { identity } = command;
  if (identity !== undefined) {
    const other = (['kind', 'personal', 'referenceTo'] as const).find(
      (name) => identity[name] !== undefined && identity[name] !== state[name],
    );
    if (other !== undefined) {
      return invalid(`The field ${state.key} is there already, and its ${WORDS[other]} is another one for good`);
    }
  }
  return contradiction(withChanges(command, state), command) ?? changed(command, state);
}

const WORDS = { kind: 'kind', personal: 'personal', referenceTo: 'reference_to' } as const;

function created(command: ChangeCustomField): CustomFieldEvent[] | Refusal {
  const { identity, name } = command;
  if (identity === undefined || name === undefined) {
    return refuse('not_found', 'There is no such custom field in this workspace.');
  }
  const first: CustomFieldState = {
    ...identity,
    personal: identity.personal ?? false,
    referenceTo: identity.referenceTo ?? null,
    name,
    description: null,
    required: false,
    default: null,
    options: [],
    dependsOn: null,
    archived: false,
  };
  const state = withChanges(command, first);
  const refusal = contradiction(state, command);
  if (refusal !== null) return refusal;
  const { object, key, kind, personal, referenceTo: reference_to, description, required, options } = state;
  const event: CustomFieldEvent = {
    type: 'custom_field.created',
    data: {
      object,
      key,
      kind,
      name,
      description,
      personal,
      required,
      default_value: state.default === null ? null : jsonOf(state.default),
      options: [...options],
      depends_on: dataOf(state.dependsOn),
      reference_to,
    },
  };
  return state.archived ? [event, { type: 'custom_field.archived', data: {} }] : [event];
}

function withChanges(command: ChangeCustomField, state: CustomFieldState): CustomFieldState {
  const { name, description, required, options, dependsOn, archived } = command;
  const after = {
    ...state,
    name: name ?? state.name,
    description: description === undefined ? state.description : description,
    required: required ?? state.required,
    default: command.default === undefined ? state.default : command.default,
    options: options ?? state.options,
    dependsOn: dependsOn === undefined ? state.dependsOn : dependsOn,
    archived: archived ?? state.archived,
  };
  if (after.default === null) return after;
  const checked = checkValue(after, after.default);
  return 'value' in checked ? { ...after, default: checked.value } : after;
}

function changed(command: ChangeCustomField, before: CustomFieldState): CustomFieldEvent[] {
  const after = withChanges(command, before);
  const { name, description, required, options, dependsOn, archived } = after;
  const events: CustomFieldEvent[] = [];
  if (name !== before.name) events.push({ type: 'custom_field.renamed', data: { name } });
  if (description !== before.description) {
    events.push({ type: 'custom_field.description_changed', data: { description } });
  }
  if (!same(options, before.options)) {
    events.push({ type: 'custom_field.options_changed', data: { options: [...options] } });
  }
  if (!same(after.default, before.default)) {
    const default_value = after.default === null ? null : jsonOf(after.default);
    events.push({ type: 'custom_field.default_changed', data: { default_value } });
  }
  if (!same(dependsOn, before.dependsOn)) {
    events.push({ type: 'custom_field.dependency_changed', data: { depends_on: dataOf(dependsOn) } });
  }
  if (required !== before.required) events.push({ type: 'custom_field.required_changed', data: { required } });
  if (archived !== before.archived) {
    events.push({ type: archived ? 'custom_field.archived' : 'custom_field.restored', data: {} });
  }
  return events;
}

/** What does not go together in a field as it would be. */
function contradiction(state: CustomFieldState, { self, parent, dependsOn }: ChangeCustomField): Refusal | null {
  const { object, kind, personal, options, referenceTo } = state;
  const hasOptions = kind === 'enum' || kind === 'multi_enum';
  if (hasOptions !== options.length > 0) {
    return invalid(hasOptions ? `A field of the kind ${kind} needs options` : `A field of the kind ${kind} has none`);
  }
  if (new Set(options.map(({ value }) => value)).size < options.length) return invalid('Two options have one value');
  if ((kind === 'reference') !== (referenceTo !== null)) {
    return invalid('A reference, and nothing else, says in reference_to what it leads to');
  }
  if (personal && (object === 'company' || object === 'tenant')) {
    return invalid(`A ${object} is no person, whose key could seal its values: it has no personal fields`);
  }
  if (state.default !== null) {
    if (kind === 'reference') return invalid('A reference has no default');
    if (object === 'message') return invalid('Fields of messages have no default: a message is sent as it is');
    const checked = checkValue(state, state.default);
    if ('wrong' in checked) return invalid(`The default ${checked.wrong}`);
  }
  return dependsOn == null ? null : dependency(dependsOn, parent ?? null, object, self);
}

function dependency(
  { field_id, values }: FieldDependency,
  parent: NonNullable<ChangeCustomField['parent']> | null,
  object: string,
  self: string,
): Refusal | null {
  if (parent === null || parent.object !== object) return invalid(`There is no field ${field_id} of a ${object}`);
  // So that no two fields wait for each other.
  if (!(parent.id < self)) return invalid('A field depends on one that was made before it');
  if (!isChoice(parent)) return invalid('A field depends on a boolean, an enum or a multi_enum that is not personal');
  const choices = parent.kind === 'boolean' ? ['true', 'false'] : parent.options.map(({ value }) => value);
  const stranger = values.find((value) => !choices.includes(value));
  return stranger === undefined ? null : invalid(`The field ${field_id} has no value ${stranger}`);
}

function invalid(sentence: string): Refusal {
  return refuse('field_declaration_invalid', `${sentence}.`);
}

function dataOf(dependsOn: FieldDependency | null): { field_id: string; values: string[] } | null {
  return dependsOn === null ? null : { field_id: dependsOn.field_id, values: [...dependsOn.values] };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function evolve(state: CustomFieldState | null, event: CustomFieldEvent): CustomFieldState {
  if (event.type === 'custom_field.created') return stateAtFirst(event.data);
  if (state === null) throw new Error(`A custom field's first event is ${event.type}.`);
  switch (event.type) {
    case 'custom_field.renamed':
    case 'custom_field.description_changed':
    case 'custom_field.required_changed':
    case 'custom_field.options_changed':
      return { ...state, ...event.data };
    case 'custom_field.default_changed':
      return { ...state, default: fromJson(event.data.default_value) };
    case 'custom_field.dependency_changed':
      return { ...state, dependsOn: event.data.depends_on };
    case 'custom_field.archived':
      return { ...state, archived: true };
    case 'custom_field.restored':
      return { ...state, archived: false };
    default:
      return event satisfies never;
  }
}

function stateAtFirst(data: Extract<CustomFieldEvent, { type: 'custom_field.created' }>['data']): CustomFieldState {
  const { default_value, depends_on, reference_to, ...plain } = data;
  return {
    ...(plain as Omit<typeof plain, 'object' | 'kind'> & Pick<FieldIdentity, 'object' | 'kind'>),
    referenceTo: reference_to as ReferenceTo | null,
    default: fromJson(default_value),
    dependsOn: depends_on,
    archived: false,
  };
}

function fromJson(json: string | null): FieldValue | null {
  return json === null ? null : (JSON.parse(json) as FieldValue);
}
