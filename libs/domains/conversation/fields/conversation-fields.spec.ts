import type { ChangeFields, FieldChange } from '../../../platform/kernel/fields/held-fields.js';
import { specify } from '../../../platform/testing/decider-specification.js';
import type { OpenConversation } from '../conversation.commands.js';
import { conversationDecider } from '../conversation.decider.js';
import type { ConversationEvent } from '../conversation.events.js';

const given = specify(conversationDecider);
const open: OpenConversation = { type: 'open', customerId: 'cus_ada', channel: 'email', title: null, externalId: null };
const opened: ConversationEvent = {
  type: 'conversation.created',
  data: { customer_id: 'cus_ada', channel: 'email', title: null, external_id: null },
};
const closed: ConversationEvent = {
  type: 'conversation.closed',
  data: { message_id: null, article: null, detail: null },
};
const to = (value: string | null): FieldChange => ({
  field: 'fld_1',
  key: 'yarn',
  kind: 'enum',
  version: 2,
  personal: false,
  json: value === null ? null : JSON.stringify(value),
  isSame: false,
  dependsOn: null,
});
const data = { field_id: 'fld_1', key: 'yarn', kind: 'enum', version: 2, value: '"wool"', personal_value: null };
const set: ConversationEvent = { type: 'conversation.field_set', data };
const cleared: ConversationEvent = { type: 'conversation.field_cleared', data: { field_id: 'fld_1', key: 'yarn' } };
const required = [{ field: 'fld_1', key: 'yarn', dependsOn: null }];
const fields = (...changes: FieldChange[]): ChangeFields => ({ changes, replaces: false, required });

it('has values from its first moment, and is opened without what is required', () => {
  expect(
    given()
      .when({ ...open, fields: fields(to('wool')) })
      .thenEvents(opened, set),
  ).toMatchObject({ fields: { fld_1: { key: 'yarn', choices: ['wool'] } } });
  given()
    .when({ ...open, fields: fields() })
    .thenEvents(opened);
});

it('gets values and loses them, in every status', () => {
  given(opened)
    .when({ type: 'change_fields', ...fields(to('wool')) })
    .thenEvents(set);
  given(opened, set)
    .when({ type: 'change_fields', ...fields(to(null)) })
    .thenEvents(cleared);
  given()
    .when({ type: 'change_fields', ...fields() })
    .thenRefused('not_found');
});

it('is not closed without what is required, in whatever way', () => {
  given(opened).when({ type: 'close', detail: null, required }).thenRefused('field_required');
  given(opened).when({ type: 'update', status: 'closed', required }).thenRefused('field_required');
  given(opened, set).when({ type: 'close', detail: null, required }).thenEvents(closed);
  given(opened, set).when({ type: 'update', status: 'closed', required }).thenEvents(closed);
  given(opened, closed).when({ type: 'update', status: 'closed', required }).thenEvents();
});

it('keeps what is required while it is closed', () => {
  given(opened, set, closed)
    .when({ type: 'change_fields', ...fields(to(null)) })
    .thenRefused('field_required');
  given(opened, set, closed)
    .when({ type: 'change_fields', changes: [], replaces: true, required })
    .thenRefused('field_required');
});

it('may go on without what is required where it was merged, which closes it with what it has', () => {
  const merged: ConversationEvent = { type: 'conversation.merged', data: { into_id: 'conv_2' } };
  given(opened, set, closed, merged)
    .when({ type: 'change_fields', ...fields(to(null)) })
    .thenEvents(cleared);
});

it('takes the events of its messages’ fields, and none of their values', () => {
  const of = { message_id: 'msg_1', message_seq: 2 };
  const message = { id: 'msg_1', seq: 2, isRedacted: false };
  const command = { type: 'change_message_fields', message, contentRevision: 0 } as const;
  const one: ConversationEvent = { type: 'message.field_set', data: { ...of, ...data } };
  expect(
    given(opened)
      .when({ ...command, held: {}, ...fields(to('wool')) })
      .thenEvents(one),
  ).toMatchObject({ fields: {} });
  given(opened)
    .when({ ...command, held: {}, ...fields() })
    .thenRefused('field_required');
  given(opened, one)
    .when({ ...command, held: {}, ...fields() })
    .thenRefused('changed_meanwhile');
  given(opened)
    .when({ ...command, message: { ...message, isRedacted: true }, held: {}, ...fields() })
    .thenRefused('message_redacted');
  given(opened, { type: 'conversation.locked', data: {} })
    .when({ ...command, held: {}, ...fields(to('wool')) })
    .thenEvents(one);
  given(opened, one)
    .when({
      ...command,
      contentRevision: 1,
      held: { fld_1: { key: 'yarn' } },
      changes: [],
      replaces: true,
      required: [],
    })
    .thenEvents({ type: 'message.field_cleared', data: { ...of, field_id: 'fld_1', key: 'yarn' } });
});

it('has none where its state was kept before there were any', () => {
  const { fields: _, ...kept } = conversationDecider.evolve(null, opened);
  expect(conversationDecider.evolve(kept as never, set)).toMatchObject({ ...kept, fields: { fld_1: { key: 'yarn' } } });
  expect(conversationDecider.decide({ type: 'close', detail: null, required }, kept as never)).toMatchObject({
    refused: 'field_required',
  });
});
