import type { EventData, EventType } from '../../libs/contract/generated/event-data.js';
import { activityStreamOf } from '../../libs/domains/ingest/activities/activity-stream.js';
import { messageIdOf } from '../../libs/domains/webhooks/dead-letters/message-id.js';
import { newId, newUuid } from '../../libs/platform/kernel/id.js';
import type { WrittenEvent } from '../../libs/platform/testing/log-writer.js';

/**
 * Several streams of every kind, each with every event that it can have, some more than once, dealt out in turns: so
 * that in a batch of any size streams begin, go on and end.
 */
export function everyKindOfEvent(streams: number, workspace: string): WrittenEvent[] {
  const stories = Array.from({ length: streams }, (_, n) => [
    keyStory(n),
    customerStory(n),
    placeholderStory(n),
    companyStory(n),
    tenantStory(n),
    customerRulesStory(n),
    userStory(n),
    aiAgentStory(n),
    conversationStory(n),
    labelStory(n),
    teamStory(n),
    statusDetailStory(n),
    customFieldStory(n, 'conversation'),
    customFieldStory(n, 'customer'),
    viewStory(n),
    jobStory(n),
    activityStory(n),
    eventTypeStory(n),
    webhookEndpointStory(n),
    webhookMessageStory(n),
    webhookReplayStory(n),
  ]).flat();
  stories.push([
    event('workspace.created', workspace, { name: 'Acme', external_id: 'acme' }),
    event('workspace.renamed', workspace, { name: 'Acme & Sons' }),
  ]);
  const dealt: WrittenEvent[] = [];
  for (let turn = 0; dealt.length < stories.reduce((sum, story) => sum + story.length, 0); turn++) {
    // Uneven turns: the later half of the stories begins two events after the first.
    for (const [i, story] of stories.entries()) {
      const next = story[turn - (i % 2) * 2];
      if (next !== undefined) dealt.push({ ...next, occurredAt: Date.UTC(2019, 5, 1) + dealt.length * 1001 });
    }
  }
  return dealt;
}

function event<Type extends EventType>(type: Type, stream: string, data: EventData[Type]): WrittenEvent {
  return { type, stream, data };
}

function activityStory(n: number): WrittenEvent[] {
  const customer = newId('cus');
  const told = (i: number) =>
    event('activity.recorded', activityStreamOf(customer), {
      activity_type: 'invoice.paid',
      type_version: null,
      source: 'billing',
      deduplication_key: i === 1 ? null : newUuid(),
      external_id: i === 1 ? null : `inv-${n}-${i}`,
      subject_type: 'customer',
      subject_id: customer,
      customer_id: customer,
      unknown_customer: i === 0 ? `shop-${n}` : null,
      timing: i === 2 ? 'late' : 'on_time',
      data: JSON.stringify({ amount: 4900 + i }),
    });
  const made = { channel: 'events', name: `shop-${n}`, external_id: `shop-${n}` };
  const events = Array.from({ length: 3 }, (_, i) => told(i));
  const placeholder = event('customer.placeholder_created', customer, made);
  // On Kafka either may come first.
  return n % 2 === 0 ? [...events, placeholder] : [placeholder, ...events];
}

function eventTypeStory(n: number): WrittenEvent[] {
  const type = newId('ety');
  const schema_digest = newUuid();
  return [
    event('event_type.created', type, {
      name: `invoice.paid_${n}`,
      format: n % 2 === 0 ? 'json_schema' : 'avro',
      schema: '{ "type": "object" }',
      schema_digest,
      description: n % 2 === 0 ? null : 'First',
    }),
    event('event_type.version_added', type, { version: 2, schema: '{}', schema_digest: newUuid() }),
    event('event_type.description_changed', type, { description: n % 3 === 0 ? null : 'Second' }),
    event('event_type.version_added', type, { version: 3, schema: '{"title":"é"}', schema_digest: newUuid() }),
    event('event_type.archived', type, {}),
    event('event_type.restored', type, {}),
  ].slice(0, 6 - (n % 2));
}

function webhookEndpointStory(n: number): WrittenEvent[] {
  const endpoint = newId('whe');
  const sealed = (part: number) => Buffer.alloc(48, n * 8 + part);
  return [
    event('webhook_endpoint.created', endpoint, {
      url: `https://hooks.example.org/${n}`,
      description: n % 2 === 0 ? null : 'First',
      types: ['*'],
      filter: null,
      pin: '',
      ordered: n % 2 === 0,
      concurrency: 10,
      rate_limit: null,
      retry_schedule: [10, 60],
      signatures: ['v1'],
      body_signature_header: null,
      header_names: [],
      client_certificate_sha256: null,
      sealed: sealed(0),
    }),
    event('webhook_endpoint.url_changed', endpoint, { url: `https://other.example.org/${n}` }),
    event('webhook_endpoint.description_changed', endpoint, { description: n % 3 === 0 ? null : 'Second' }),
    event('webhook_endpoint.types_changed', endpoint, { types: ['conversation.updated', 'message.*'] }),
    event('webhook_endpoint.filter_changed', endpoint, { filter: '{"field":"channel","op":"is","value":"chat"}' }),
    event('webhook_endpoint.pin_changed', endpoint, { pin: 'message.created@1.0' }),
    event('webhook_endpoint.limits_changed', endpoint, { concurrency: 3, rate_limit: n % 2 === 0 ? null : 50 }),
    event('webhook_endpoint.retry_schedule_changed', endpoint, { retry_schedule: [n + 1] }),
    event('webhook_endpoint.signatures_changed', endpoint, {
      signatures: ['v1', 'v1a'],
      body_signature_header: 'X-Signature',
    }),
    event('webhook_endpoint.headers_changed', endpoint, { header_names: ['X-Token'], sealed: sealed(1) }),
    event('webhook_endpoint.secret_rotated', endpoint, { previous_until: Date.UTC(2026, 0, 1), sealed: sealed(2) }),
    event('webhook_endpoint.client_certificate_changed', endpoint, {
      client_certificate_sha256: 'ab'.repeat(32),
      sealed: sealed(3),
    }),
    event('webhook_endpoint.lane_parked', endpoint, { ...laneOf(n), attempts: 13, status: 500, cause: 'status' }),
    event('webhook_endpoint.lane_resumed', endpoint, laneOf(n)),
    event('webhook_endpoint.lane_skipped', endpoint, laneOf(n)),
    event('webhook_endpoint.disabled', endpoint, { reason: n % 2 === 0 ? 'request' : 'gone' }),
    event('webhook_endpoint.enabled', endpoint, {}),
    event('webhook_endpoint.secret_rotated', endpoint, { previous_until: null, sealed: sealed(4) }),
    event('webhook_endpoint.disabled', endpoint, { reason: 'failing' }),
    event('webhook_endpoint.deleted', endpoint, {}),
  ].slice(0, 20 - (n % 4));
}

const laneOf = (n: number) => ({
  stream: newId('conv'),
  run: n % 2,
  event_id: newId('evt'),
  event_type: 'message.created',
  event_position: 1000 + n,
});

function webhookReplayStory(n: number): WrittenEvent[] {
  const [replay, endpoint_id] = [newId('rpl'), newId('whe')];
  return [
    event('webhook_replay.started', replay, {
      endpoint_id,
      run: n + 1,
      from_position: n + 1,
      to_position: 5000 + n,
      types: n % 2 === 0 ? ['*'] : ['conversation.updated', 'message.*'],
      filter: n % 2 === 0 ? null : '{"field":"channel","op":"is","value":"chat"}',
      only: ['all', 'never_attempted', 'failed'][n % 3]!,
    }),
    n % 2 === 0
      ? event('webhook_replay.finished', replay, { endpoint_id, due: 4000 + n, passed_over: n })
      : event('webhook_replay.cancelled', replay, { endpoint_id }),
  ].slice(0, n % 3 === 2 ? 1 : 2);
}

function webhookMessageStory(n: number): WrittenEvent[] {
  const [endpoint_id, event_id] = [newId('whe'), newId('evt')];
  const message = messageIdOf(endpoint_id, n, 2000 + n);
  return [
    event('webhook_message.dead_lettered', message, {
      endpoint_id,
      event_id,
      event_type: 'message.created',
      event_stream: newId('conv'),
      event_position: 2000 + n,
      run: n,
      pin: n % 2 === 0 ? '' : 'message.created@1.0',
      attempts: 13,
      status: n % 2 === 0 ? null : 503,
      cause: n % 2 === 0 ? 'timeout' : 'status',
      skipped: n % 3 === 0,
    }),
    event('webhook_message.redriven', message, { endpoint_id, event_id, event_type: 'message.created', run: n + 1 }),
  ].slice(0, 2 - (n % 2));
}

function keyStory(n: number): WrittenEvent[] {
  const key = newId('key');
  const secret_hash = Buffer.alloc(32, n);
  const created = event('api_key.created', key, {
    name: `key ${n}`,
    scopes: ['users:read', 'admin:write'],
    secret_hash,
  });
  return n % 2 === 0 ? [created] : [created, event('api_key.revoked', key, {})];
}

function customerStory(n: number): WrittenEvent[] {
  const customer = newId('cus');
  return [
    event('customer.created', customer, { external_id: `c-${n}`, name: `Ada ${n}` }),
    event('customer.renamed', customer, { name: `Ada L. ${n}` }),
    event('customer.renamed', customer, { name: `Ada Lovelace ${n}` }),
    event('customer.language_changed', customer, { language: 'en' }),
    event('customer.time_zone_changed', customer, { time_zone: 'Europe/Lisbon' }),
    event('customer.language_changed', customer, { language: n % 2 === 0 ? null : 'pt-BR' }),
    ...identityEvents(n, customer),
    ...membershipEvents(n, customer),
    ...mergeEvents(n, customer),
    ...fieldChanges((type, data) => event(`customer.${type}`, customer, data)).slice(0, 10 - (n % 3)),
  ];
}

function identityEvents(n: number, customer: string): WrittenEvent[] {
  const [first, second, third] = [newId('idn'), newId('idn'), newId('idn')];
  const added = (identity_id: string, value: string, primary: boolean) => {
    const data = { identity_id, kind: 'email', channel: null, value, verified: false, primary };
    return event('customer.identity_added', customer, data);
  };
  const removed = (identity_id: string, value: string) =>
    event('customer.identity_removed', customer, { identity_id, kind: 'email', channel: null, value });
  return [
    added(first, `ada${n}@example.org`, true),
    added(second, `lovelace${n}@example.org`, false),
    event('customer.identity_verified', customer, { identity_id: first }),
    event('customer.identity_made_primary', customer, { identity_id: second }),
    event('customer.identity_unverified', customer, { identity_id: first }),
    added(third, `l${n}@example.org`, n % 2 === 0),
    event('customer.identity_verified', customer, { identity_id: second }),
    removed(third, `l${n}@example.org`),
    removed(first, `ada${n}@example.org`),
  ].slice(0, 9 - (n % 4));
}

function membershipEvents(n: number, customer: string): WrittenEvent[] {
  const [company_id, tenant_id] = [newId('com'), newId('ten')];
  return [
    event('customer.company_joined', customer, { company_id }),
    event('customer.tenant_joined', customer, { tenant_id }),
    event('customer.company_left', customer, { company_id }),
    event('customer.tenant_left', customer, { tenant_id }),
    event('customer.company_joined', customer, { company_id }),
    event('customer.tenant_joined', customer, { tenant_id: newId('ten') }),
  ].slice(0, 6 - (n % 3));
}

function mergeEvents(n: number, customer: string): WrittenEvent[] {
  const [into_id, again] = [newId('cus'), newId('cus')];
  const undo_until = Date.UTC(2031, 0, n);
  return [
    event('customer.merged', customer, { into_id, undo_until }),
    event('customer.unmerged', customer, { from_id: into_id }),
    event('customer.merged', customer, { into_id: again, undo_until }),
  ].slice(0, 3 - (n % 3));
}

function placeholderStory(n: number): WrittenEvent[] {
  const customer = newId('cus');
  const data = {
    identity_id: newId('idn'),
    kind: 'handle',
    channel: 'chat',
    value: `@a${n}`,
    verified: true,
    primary: true,
  };
  return [
    event('customer.placeholder_created', customer, { channel: 'chat', name: `Visitor ${n}`, external_id: null }),
    event('customer.identity_added', customer, data),
    event('customer.identified', customer, { external_id: `p-${n}` }),
    event('customer.renamed', customer, { name: `No visitor ${n}` }),
  ].slice(0, 4 - (n % 3));
}

function companyStory(n: number): WrittenEvent[] {
  const company = newId('com');
  const domains = n % 2 === 0 ? [] : ['loom.example.org', `"${n}".example.org`];
  return [
    event('company.created', company, { external_id: `co-${n}`, name: `Loom ${n}`, domains }),
    event('company.renamed', company, { name: `Loom & Sons ${n}` }),
    event('company.domains_changed', company, { domains: [`loom${n}.example.org`] }),
    event('company.archived', company, {}),
    event('company.restored', company, {}),
    ...openFieldChanges((type, data) => event(`company.${type}`, company, data)),
  ].slice(0, 8 - (n % 7));
}

function tenantStory(n: number): WrittenEvent[] {
  const tenant = newId('ten');
  const company_id = n % 2 === 0 ? null : newId('com');
  return [
    event('tenant.created', tenant, { external_id: `te-${n}`, name: `Shop ${n}`, company_id }),
    event('tenant.renamed', tenant, { name: `Shop ${n}, renamed` }),
    event('tenant.company_changed', tenant, { company_id: n % 3 === 0 ? null : newId('com') }),
    event('tenant.archived', tenant, {}),
    event('tenant.restored', tenant, {}),
    ...openFieldChanges((type, data) => event(`tenant.${type}`, tenant, data)),
  ].slice(0, 8 - (n % 7));
}

function customerRulesStory(n: number): WrittenEvent[] {
  const rules = newId('crl');
  const set = (channel: string | null, name: string | null, match_by: string[] = []) =>
    event('customer_rules.placeholder_rule_set', rules, { channel, unknown: 'make', match_by, name });
  return [
    set('chat', `Visitor ${n}`),
    set(null, null, ['handle', 'phone']),
    event('customer_rules.merge_window_set', rules, { hours: n }),
    set('chat', null, ['email']),
    event('customer_rules.placeholder_rule_removed', rules, { channel: null }),
    event('customer_rules.placeholder_rule_removed', rules, { channel: 'chat' }),
    set('chat', `Visitor again ${n}`),
    event('customer_rules.merge_window_set', rules, { hours: 72 }),
  ].slice(0, 8 - (n % 4));
}

function userStory(n: number): WrittenEvent[] {
  const user = newId('usr');
  return [
    event('user.created', user, {
      external_id: `u-${n}`,
      name: `Bo ${n}`,
      email: n % 2 === 0 ? null : `bo${n}@example.org`,
    }),
    event('user.renamed', user, { name: `Bo B. ${n}` }),
    event('user.email_changed', user, { email: `new${n}@example.org` }),
    event('user.email_changed', user, { email: n % 3 === 0 ? null : `newer${n}@example.org` }),
    event('user.status_changed', user, { status: 'available' }),
    event('user.skill_added', user, { skill: 'german' }),
    event('user.skill_added', user, { skill: 'billing' }),
    event('user.capacity_changed', user, { capacity: 8 }),
    event('user.skill_removed', user, { skill: n % 2 === 0 ? 'german' : 'billing' }),
    event('user.status_changed', user, { status: 'away' }),
    event('user.capacity_changed', user, { capacity: n % 2 === 0 ? null : n }),
  ];
}

function aiAgentStory(n: number): WrittenEvent[] {
  const agent = newId('aia');
  return [
    event('ai_agent.created', agent, { external_id: `a-${n}`, name: `Helper ${n}` }),
    event('ai_agent.renamed', agent, { name: `Helper, renamed ${n}` }),
    event('ai_agent.skill_added', agent, { skill: 'lace' }),
    event('ai_agent.status_changed', agent, { status: 'available' }),
    event('ai_agent.capacity_changed', agent, { capacity: n % 2 === 0 ? null : n }),
    event('ai_agent.skill_removed', agent, { skill: 'lace' }),
    event('ai_agent.skill_added', agent, { skill: 'reeds' }),
  ];
}

function labelStory(n: number): WrittenEvent[] {
  const label = newId('lbl');
  return [
    event('label.created', label, { name: `Label ${n}`, color: '#808080', description: n % 2 === 0 ? null : 'First' }),
    event('label.renamed', label, { name: `Label ${n}, renamed` }),
    event('label.recolored', label, { color: '#4477aa' }),
    event('label.description_changed', label, { description: n % 3 === 0 ? null : 'Second' }),
    event('label.archived', label, {}),
    event('label.restored', label, {}),
  ].slice(0, 6 - (n % 3));
}

function statusDetailStory(n: number): WrittenEvent[] {
  const detail = newId('sdt');
  return [
    event('status_detail.created', detail, { status: 'snoozed', name: `Detail ${n}` }),
    event('status_detail.renamed', detail, { name: `DETAIL ${n}` }),
    event('status_detail.archived', detail, {}),
    event('status_detail.restored', detail, {}),
  ].slice(0, 4 - (n % 2));
}

function customFieldStory(n: number, object: string): WrittenEvent[] {
  const field = newId('fld');
  const options = ['wool', 'linen'].map((value) => ({ value, name: `${value} ${n}` }));
  const depends_on = { field_id: newId('fld'), values: ['true'] };
  return [
    event('custom_field.created', field, {
      object,
      key: `yarn-${n}`,
      kind: 'enum',
      name: `Yarn ${n}`,
      description: null,
      personal: n % 2 === 0,
      required: false,
      default_value: n % 2 === 0 ? null : '"wool"',
      options,
      depends_on: n % 3 === 0 ? null : depends_on,
      reference_to: null,
    }),
    event('custom_field.renamed', field, { name: `Yarn, renamed ${n}` }),
    event('custom_field.description_changed', field, { description: n % 3 === 0 ? null : 'What it is woven of' }),
    event('custom_field.required_changed', field, { required: true }),
    event('custom_field.default_changed', field, { default_value: n % 2 === 0 ? '"linen"' : null }),
    event('custom_field.options_changed', field, { options: options.toReversed() }),
    event('custom_field.dependency_changed', field, { depends_on: n % 3 === 0 ? depends_on : null }),
    event('custom_field.archived', field, {}),
    event('custom_field.restored', field, {}),
  ].slice(0, 9 - (n % 4));
}

type FieldData = EventData['conversation.field_set'] & EventData['conversation.field_cleared'];

/** A value of each kind, open or sealed, some of them changed or taken away. */
function fieldChanges(make: (type: 'field_set' | 'field_cleared', data: FieldData) => WrittenEvent): WrittenEvent[] {
  const data = (field: string, kind: string, value: unknown, personal = false): FieldData => {
    const json = JSON.stringify(value);
    const [open, sealed] = personal ? [null, json] : [json, null];
    return { field_id: field, key: kind, kind, version: 1, value: open, personal_value: sealed };
  };
  const ids = Array.from({ length: 8 }, () => newId('fld'));
  return [
    make('field_set', data(ids[0]!, 'multi_enum', ['loom', 'reed', 'shuttle'])),
    make('field_set', data(ids[1]!, 'currency', { amount: '-12.50', currency: 'EUR' })),
    make('field_set', data(ids[2]!, 'number', 1e-7, true)),
    make('field_set', data(ids[3]!, 'date', '0001-01-01')),
    make('field_set', data(ids[4]!, 'boolean', false)),
    make('field_set', data(ids[0]!, 'multi_enum', ['loom'])),
    make('field_set', data(ids[5]!, 'text', 'Grüße\n"🧵"', true)),
    make('field_cleared', data(ids[3]!, 'date', null)),
    make('field_set', data(ids[6]!, 'string', 'weld')),
    make('field_cleared', data(ids[7]!, 'enum', null)),
  ];
}

/** Of an organization, whose values are not sealed. */
function openFieldChanges(
  make: (type: 'field_set' | 'field_cleared', data: EventData['company.field_set']) => WrittenEvent,
): WrittenEvent[] {
  const value = (json: string | null) => ({
    field_id: fields[0]!,
    key: 'tier',
    kind: 'string',
    version: 2,
    value: json,
  });
  const fields = [newId('fld'), newId('fld')];
  return [
    make('field_set', value('"gold"')),
    make('field_set', { ...value('7'), field_id: fields[1]!, kind: 'number' }),
    make('field_cleared', value(null)),
  ];
}

function viewStory(n: number): WrittenEvent[] {
  const view = newId('vie');
  const owner_id = n % 2 === 0 ? null : newId('usr');
  const filter = JSON.stringify({ field: 'status', op: 'is', value: 'open' });
  return [
    event('view.created', view, { name: `View ${n}`, owner_id, filter, sort: 'id', order: 'desc' }),
    event('view.renamed', view, { name: `View ${n}, renamed`, owner_id }),
    event('view.filter_changed', view, { filter: n % 3 === 0 ? null : filter }),
    event('view.sort_changed', view, { sort: 'priority', order: 'asc' }),
    event('view.archived', view, {}),
    event('view.restored', view, {}),
  ].slice(0, 6 - (n % 3));
}

function jobStory(n: number): WrittenEvent[] {
  const job = newId('job');
  const conversations = [newId('conv'), newId('conv'), newId('conv')];
  return [
    event('job.created', job, { kind: 'conversations.update', body: '{"priority":"low"}', total: 3 }),
    event('job.rows_added', job, { first: 0, conversation_ids: conversations.slice(0, 2) }),
    event('job.rows_added', job, { first: 2, conversation_ids: conversations.slice(2) }),
    event('job.progressed', job, { first: 0, outcomes: ['', 'not_found'] }),
    event('job.progressed', job, { first: 2, outcomes: [''] }),
    n % 2 === 0 ? event('job.finished', job, {}) : event('job.cancelled', job, {}),
  ].slice(0, 6 - (n % 3));
}

function teamStory(n: number): WrittenEvent[] {
  const team = newId('team');
  const [bo, bot] = [
    { type: 'user', id: newId('usr') },
    { type: 'ai_agent', id: newId('aia') },
  ];
  return [
    event('team.created', team, { external_id: `t-${n}`, name: `Team ${n}` }),
    event('team.member_added', team, { member: bo! }),
    event('team.member_added', team, { member: bot! }),
    event('team.renamed', team, { name: `Team ${n}, renamed` }),
    event('team.member_removed', team, { member: bo! }),
    event('team.member_added', team, { member: bo! }),
    event('team.member_removed', team, { member: bot! }),
  ].slice(0, 7 - (n % 4));
}

function conversationStory(n: number): WrittenEvent[] {
  const conversation = newId('conv');
  const customer_id = newId('cus');
  const assignee = { type: 'user', id: newId('usr') };
  const noTrace = { ai_model: null, ai_confidence: null, ai_sources: null, ai_read_through_seq: null };
  const plain = { blocks: null, mentions: [], channel_message_id: null, in_reply_to: null, draft_id: null, ...noTrace };
  const trace = {
    ai_model: 'weaver-2',
    ai_confidence: 0.5,
    ai_sources: '[{"title":"Reeds"}]',
    ai_read_through_seq: 3,
  };
  const message = (type: string, id: string, more: Partial<EventData['message.created']> = {}) =>
    event('message.created', conversation, {
      message_id: newId('msg'),
      author: { type, id },
      channel: 'email',
      type: 'text',
      text: `Grüße ${n} 🧵`,
      external_id: null,
      ...plain,
      ...more,
    });
  const [label, detail, team] = [newId('lbl'), newId('sdt'), newId('team')];
  const [asked, noted, offered, drafted] = [newId('msg'), newId('msg'), newId('msg'), newId('msg')];
  const [accepted, refused] = [newId('dra'), newId('dra')];
  const bot = { type: 'ai_agent', id: newId('aia') };
  const customer = { type: 'customer', id: customer_id };
  const blocks = (label: string) => JSON.stringify([{ type: 'quick_reply', id: 'yes', label }]);
  const draft = { author: bot, channel: 'email', type: 'text', in_reply_to: asked, blocks: null, ...trace };
  /** What is on the stream before it, so that its numbers are known: messages are named by theirs. */
  const told = [
    message('customer', customer_id, { message_id: asked, channel: 'chat', channel_message_id: `chat-${n}` }),
    message('user', assignee.id, { message_id: noted, type: 'note', mentions: [assignee.id, bot.id] }),
    message('ai_agent', bot.id, { message_id: offered, type: 'rich', blocks: blocks('Yes'), ...trace }),
    event('draft.proposed', conversation, { draft_id: accepted, text: `Proposed ${n}`, ...draft }),
    event('draft.proposed', conversation, { draft_id: refused, text: 'Refused', ...draft, ai_sources: null }),
    event('draft.edited', conversation, { draft_id: accepted, editor: assignee, text: `Better ${n}`, blocks: null }),
    message('ai_agent', bot.id, { message_id: drafted, in_reply_to: asked, draft_id: accepted, ...trace }),
    event('draft.accepted', conversation, { draft_id: accepted, message_id: drafted, by: assignee }),
    event('draft.refused', conversation, { draft_id: refused, by: assignee, reason: n % 2 === 0 ? null : 'Wrong' }),
  ];
  const of = (message_id: string) => ({
    message_id,
    message_seq: 2 + told.findIndex(({ data }) => (data as { message_id?: string }).message_id === message_id),
  });
  const thumb = { author: customer, emoji: '👍' };
  const onChat = { channel: 'chat' };
  const changed = [
    event('message.edited', conversation, { ...of(asked), text: `Edited ${n}`, blocks: null, mentions: [] }),
    event('message.edited', conversation, { ...of(noted), text: 'Noted', blocks: null, mentions: [bot.id] }),
    event('message.edited', conversation, { ...of(offered), text: 'No', blocks: blocks('No'), mentions: [] }),
    event('message.edited', conversation, { ...of(asked), text: `Edited twice ${n}`, blocks: null, mentions: [] }),
    event('message.reaction_added', conversation, { ...of(asked), ...thumb }),
    event('message.reaction_added', conversation, { ...of(asked), author: bot, emoji: ':eyes:' }),
    event('message.reaction_removed', conversation, { ...of(asked), ...thumb }),
    event('message.reaction_added', conversation, { ...of(asked), ...thumb }),
    event('message.reaction_removed', conversation, { ...of(asked), author: bot, emoji: ':eyes:' }),
    event('message.delivered', conversation, { ...of(offered), ...onChat }),
    event('message.read', conversation, { ...of(offered), ...onChat, reader: customer }),
    event('message.delivery_failed', conversation, { ...of(noted), ...onChat, code: 'gone', detail: `Nobody ${n}` }),
    event('message.choice_made', conversation, {
      ...of(offered),
      author: customer,
      choices: '[{"block_id":"yes","value":"No"}]',
    }),
    ...fieldChanges((type, data) => event(`message.${type}`, conversation, { ...of(noted), ...data })),
    ...fieldChanges((type, data) => event(`message.${type}`, conversation, { ...of(offered), ...data })),
    event('message.redacted', conversation, { ...of(noted), seqs: [of(noted).message_seq], reason: null }),
    event('message.redacted', conversation, { ...of(drafted), seqs: [of(drafted).message_seq], reason: 'Card' }),
    ...(n % 2 === 0
      ? []
      : [event('message.redacted', conversation, { ...of(offered), seqs: [of(offered).message_seq], reason: null })]),
  ];
  const [other, reference] = [newId('conv'), newId('ref')];
  const link = { kind: 'related', conversation_id: other };
  const story = [
    event('conversation.created', conversation, {
      customer_id,
      channel: 'email',
      title: n % 2 === 0 ? null : `About ${n}`,
      external_id: `conv-${n}`,
    }),
    ...told,
    ...changed,
    message('customer', customer_id),
    event('conversation.forked', conversation, {
      from_id: newId('conv'),
      from_seq: 2,
      message_ids: [newId('msg')],
      origin_ids: [newId('msg')],
    }),
    event('conversation.linked', conversation, link),
    event('conversation.linked', conversation, { kind: 'parent', conversation_id: newId('conv') }),
    event('conversation.reference_added', conversation, {
      reference_id: reference,
      type: 'issue',
      external_id: `LOOM-${n}`,
      url: n % 2 === 0 ? null : `https://issues.example.org/${n}`,
      title: n % 3 === 0 ? null : `Broken ${n}`,
    }),
    event('conversation.unlinked', conversation, link),
    event('conversation.assigned', conversation, { assignee }),
    message('user', assignee.id),
    event('conversation.labeled', conversation, { label_id: label }),
    event('conversation.title_changed', conversation, { title: n % 3 === 0 ? null : `Now about ${n}` }),
    event('conversation.closed', conversation, { message_id: null, article: 'kb-1', detail: null }),
    message('customer', customer_id),
    event('conversation.reopened', conversation, { message_id: null, detail }),
    event('conversation.detail_changed', conversation, { detail: null }),
    event('conversation.linked', conversation, link),
    ...(n % 2 === 0 ? [event('conversation.reference_removed', conversation, { reference_id: reference })] : []),
    event('conversation.priority_changed', conversation, { priority: 'high' }),
    event('conversation.team_assigned', conversation, { team_id: team }),
    event('conversation.locked', conversation, {}),
    event('conversation.unlocked', conversation, {}),
    event('conversation.unlabeled', conversation, { label_id: label }),
    event('conversation.labeled', conversation, { label_id: newId('lbl') }),
    event('conversation.snoozed', conversation, { until: Date.UTC(2031, 0, n), detail }),
    event('conversation.team_unassigned', conversation, {}),
    event('conversation.unsnoozed', conversation, { message_id: null, detail: null }),
    event('conversation.unassigned', conversation, {}),
    event('conversation.assigned', conversation, { assignee: { type: 'ai_agent', id: newId('aia') } }),
    message('ai_agent', newId('aia')),
    message('system', newId('key')),
    event('conversation.closed', conversation, { message_id: null, article: null, detail: null }),
    event('conversation.merged', conversation, { into_id: other }),
    ...fieldChanges((type, data) => event(`conversation.${type}`, conversation, data)),
  ];
  return story.slice(0, story.length - (n % 5));
}
