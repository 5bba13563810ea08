import { specify } from '../../../platform/testing/decider-specification.js';
import { type ChangeCustomField, customFieldDecider, type FieldIdentity } from './custom-field.decider.js';
import type { CustomFieldEvent } from './custom-field.events.js';

const given = specify(customFieldDecider);
const OPTIONS = [
  { value: 'wool', name: 'Wool' },
  { value: 'linen', name: 'Linen' },
];
const self = 'fld_2';
const identity = { object: 'conversation', key: 'yarn', kind: 'enum' } as const;
const make = (more: Partial<ChangeCustomField> = {}, as: Partial<FieldIdentity> = {}): ChangeCustomField => ({
  self,
  identity: { ...identity, ...as },
  name: 'Yarn',
  options: OPTIONS,
  ...more,
});
const created = (more: object = {}): CustomFieldEvent => ({
  type: 'custom_field.created',
  data: {
    ...identity,
    name: 'Yarn',
    description: null,
    personal: false,
    required: false,
    default_value: null,
    options: OPTIONS,
    depends_on: null,
    reference_to: null,
    ...more,
  },
});
const parent = {
  id: 'fld_1',
  object: 'conversation',
  kind: 'boolean',
  personal: false,
  options: [],
} as const;
const dependsOn = { field_id: 'fld_1', values: ['true'] };

it('is made with all that is said of it', () => {
  given().when(make()).thenEvents(created());
  given()
    .when(make({ description: 'Of what', required: true, default: 'wool', dependsOn, parent }, { personal: true }))
    .thenEvents(
      created({
        description: 'Of what',
        required: true,
        default_value: '"wool"',
        depends_on: dependsOn,
        personal: true,
      }),
    );
  given()
    .when(make({ options: undefined }, { kind: 'reference', referenceTo: 'user' }))
    .thenEvents(created({ kind: 'reference', options: [], reference_to: 'user' }));
});

it('keeps a default in the one form of its kind', () => {
  const deposit = make({ options: [], default: { amount: '5', currency: 'EUR' } }, { kind: 'currency' });
  given()
    .when(deposit)
    .thenEvents(created({ kind: 'currency', options: [], default_value: '{"amount":"5.00","currency":"EUR"}' }));
  given(created({ kind: 'currency', options: [], default_value: '{"amount":"5.00","currency":"EUR"}' }))
    .when(deposit)
    .thenEvents();
});

it('has an event for each thing that changes, and none for what is so already', () => {
  const options = OPTIONS.toReversed();
  expect(
    given(created())
      .when({
        self,
        name: 'Yarns',
        description: 'Of what',
        required: true,
        default: 'linen',
        options,
        dependsOn,
        parent,
        archived: true,
      })
      .thenEvents(
        { type: 'custom_field.renamed', data: { name: 'Yarns' } },
        { type: 'custom_field.description_changed', data: { description: 'Of what' } },
        { type: 'custom_field.options_changed', data: { options } },
        { type: 'custom_field.default_changed', data: { default_value: '"linen"' } },
        { type: 'custom_field.dependency_changed', data: { depends_on: dependsOn } },
        { type: 'custom_field.required_changed', data: { required: true } },
        { type: 'custom_field.archived', data: {} },
      ),
  ).toMatchObject({ name: 'Yarns', default: 'linen', dependsOn, required: true, archived: true });
  given(created()).when(make()).thenEvents();
  given(created()).when({ self }).thenEvents();
});

it('comes back from the archive', () => {
  const archived: CustomFieldEvent = { type: 'custom_field.archived', data: {} };
  given(created(), archived).when({ self, archived: false }).thenEvents({ type: 'custom_field.restored', data: {} });
});

it('stays for good what it was made as', () => {
  const others: Partial<FieldIdentity>[] = [{ kind: 'string' }, { personal: true }, { referenceTo: 'user' }];
  for (const other of others) {
    given(created())
      .when(make({ options: undefined }, other))
      .thenRefused('field_declaration_invalid');
  }
});

it.each<[string, ChangeCustomField]>([
  ['an enum has options', make({ options: [] })],
  ['nothing else has', make({}, { kind: 'string' })],
  ['no option is there twice', make({ options: [...OPTIONS, OPTIONS[0]!] })],
  ['a reference says to what', make({ options: [] }, { kind: 'reference' })],
  ['nothing else does', make({}, { referenceTo: 'user' })],
  ['a company has nothing personal', make({}, { object: 'company', personal: true })],
  ['a default is a good value', make({ default: 'hemp' })],
  ['a reference has none', make({ options: [], default: self }, { kind: 'reference', referenceTo: 'user' })],
  ['a message has none', make({ default: 'wool' }, { object: 'message' })],
  ['another field has to be there to depend on', make({ dependsOn, parent: null })],
  ['it is one of the same object', make({ dependsOn, parent: { ...parent, object: 'customer' } })],
  ['it was made before', make({ dependsOn, parent: { ...parent, id: 'fld_2' } })],
  ['it is a choice', make({ dependsOn, parent: { ...parent, kind: 'string' } })],
  ['it is not personal', make({ dependsOn, parent: { ...parent, personal: true } })],
  ['it has the values', make({ dependsOn: { ...dependsOn, values: ['true', 'maybe'] }, parent })],
])('%s', (_, command) => {
  given().when(command).thenRefused('field_declaration_invalid');
});

it('does not lose the option that is its default', () => {
  given(created({ default_value: '"wool"' }))
    .when({ self, options: OPTIONS.slice(1) })
    .thenRefused('field_declaration_invalid');
  given(created({ default_value: '"wool"' }))
    .when({ self, options: OPTIONS.slice(1), default: null })
    .thenEvents(
      { type: 'custom_field.options_changed', data: { options: OPTIONS.slice(1) } },
      { type: 'custom_field.default_changed', data: { default_value: null } },
    );
});

it('is not found before it is made', () => {
  given().when({ self, name: 'Yarn' }).thenRefused('not_found');
  expect(() => customFieldDecider.evolve(null, { type: 'custom_field.archived', data: {} })).toThrow(
    'first event is custom_field.archived',
  );
});
