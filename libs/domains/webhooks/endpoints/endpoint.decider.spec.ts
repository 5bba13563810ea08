import { specify } from '../../../platform/testing/decider-specification.js';
import type { CreateEndpoint, EndpointSettings, UpdateEndpoint } from './endpoint.commands.js';
import { endpointDecider, MOST_ENDPOINTS } from './endpoint.decider.js';
import type { EndpointEvent } from './endpoint.events.js';
import { DEFAULT_SCHEDULE } from './endpoint.state.js';

const given = specify(endpointDecider);
const [FIRST, SECOND, THIRD] = [Buffer.from('first'), Buffer.from('second'), Buffer.from('third')];
const of = (sealed: Buffer) => sealed.toString('base64');

const settings: EndpointSettings = {
  url: 'https://hooks.example.org/a',
  description: null,
  types: ['*'],
  filter: null,
  pin: '',
  concurrency: 10,
  rateLimit: null,
  retrySchedule: DEFAULT_SCHEDULE,
  signatures: ['v1'],
  bodySignatureHeader: null,
  headerNames: [],
  clientCertificateSha256: null,
};
const create: CreateEndpoint = { type: 'create', settings, ordered: true, sealed: FIRST, others: 0 };
const created: EndpointEvent = {
  type: 'webhook_endpoint.created',
  data: {
    url: 'https://hooks.example.org/a',
    description: null,
    types: ['*'],
    filter: null,
    pin: '',
    ordered: true,
    concurrency: 10,
    rate_limit: null,
    retry_schedule: [...DEFAULT_SCHEDULE],
    signatures: ['v1'],
    body_signature_header: null,
    header_names: [],
    client_certificate_sha256: null,
    sealed: FIRST,
  },
};
const disabled: EndpointEvent = { type: 'webhook_endpoint.disabled', data: { reason: 'gone' } };
const enabled: EndpointEvent = { type: 'webhook_endpoint.enabled', data: {} };
const deleted: EndpointEvent = { type: 'webhook_endpoint.deleted', data: {} };

const NOTHING: UpdateEndpoint['settings'] = {
  url: undefined,
  description: undefined,
  types: undefined,
  filter: undefined,
  pin: undefined,
  concurrency: undefined,
  rateLimit: undefined,
  retrySchedule: undefined,
  signatures: undefined,
  bodySignatureHeader: undefined,
  headerNames: undefined,
  clientCertificateSha256: undefined,
};
const update = (told: Partial<EndpointSettings>, resealed: UpdateEndpoint['resealed'] = null): UpdateEndpoint => ({
  type: 'update',
  settings: { ...NOTHING, ...told },
  resealed,
});
const rotate = (from: Buffer, sealed: Buffer, previousUntil: number | null) =>
  ({ type: 'rotate', resealed: { from: of(from), sealed }, previousUntil }) as const;

it('is made enabled, with its secrets sealed', () => {
  expect(given().when(create).thenEvents(created)).toEqual({
    url: 'https://hooks.example.org/a',
    description: null,
    disabled: null,
    deleted: false,
    types: ['*'],
    filter: null,
    pin: '',
    ordered: true,
    concurrency: 10,
    rateLimit: null,
    retrySchedule: DEFAULT_SCHEDULE,
    signatures: ['v1'],
    bodySignatureHeader: null,
    sealed: of(FIRST),
    previous: null,
  });
  given(created).when(create).thenRefused('external_id_taken');
});

it('is one of a thousand at most', () => {
  given()
    .when({ ...create, others: MOST_ENDPOINTS - 1 })
    .thenEvents(created);
  given()
    .when({ ...create, others: MOST_ENDPOINTS })
    .thenRefused('too_many');
});

it('has an event for each thing that changes', () => {
  const filter = { field: 'channel', op: 'is', value: 'chat' } as const;
  const told = {
    url: 'https://hooks.example.org/b',
    description: 'The shop',
    types: ['message.*'],
    filter,
    pin: 'message.created@1.0',
    concurrency: 3,
    rateLimit: 50,
    retrySchedule: [1, 2],
    signatures: ['v1', 'v1a'] as const,
    bodySignatureHeader: 'X-Signature',
    headerNames: ['X-Shop'],
    clientCertificateSha256: 'ab',
  };
  const state = given(created)
    .when(update(told, { from: of(FIRST), sealed: SECOND }))
    .thenEvents(
      { type: 'webhook_endpoint.url_changed', data: { url: 'https://hooks.example.org/b' } },
      { type: 'webhook_endpoint.description_changed', data: { description: 'The shop' } },
      { type: 'webhook_endpoint.types_changed', data: { types: ['message.*'] } },
      { type: 'webhook_endpoint.filter_changed', data: { filter: JSON.stringify(filter) } },
      { type: 'webhook_endpoint.pin_changed', data: { pin: 'message.created@1.0' } },
      { type: 'webhook_endpoint.limits_changed', data: { concurrency: 3, rate_limit: 50 } },
      { type: 'webhook_endpoint.retry_schedule_changed', data: { retry_schedule: [1, 2] } },
      {
        type: 'webhook_endpoint.signatures_changed',
        data: { signatures: ['v1', 'v1a'], body_signature_header: 'X-Signature' },
      },
      { type: 'webhook_endpoint.headers_changed', data: { header_names: ['X-Shop'], sealed: SECOND } },
      {
        type: 'webhook_endpoint.client_certificate_changed',
        data: { client_certificate_sha256: 'ab', sealed: SECOND },
      },
    );
  const { headerNames: _, clientCertificateSha256: __, ...kept } = told;
  expect(state).toEqual({
    ...kept,
    ordered: true,
    disabled: null,
    deleted: false,
    sealed: of(SECOND),
    previous: null,
  });
});

it('has nothing to say where nothing changes', () => {
  const { headerNames: _, clientCertificateSha256: __, ...same } = settings;
  given(created).when(update(same)).thenEvents();
  given(created).when(update({})).thenEvents();
});

it('can lose its description, filter, rate and header', () => {
  given(
    created,
    { type: 'webhook_endpoint.description_changed', data: { description: 'The shop' } },
    { type: 'webhook_endpoint.filter_changed', data: { filter: '{}' } },
    { type: 'webhook_endpoint.limits_changed', data: { concurrency: 10, rate_limit: 5 } },
    { type: 'webhook_endpoint.signatures_changed', data: { signatures: ['v1'], body_signature_header: 'X-S' } },
  )
    .when(update({ description: null, filter: null, rateLimit: null, bodySignatureHeader: null }))
    .thenEvents(
      { type: 'webhook_endpoint.description_changed', data: { description: null } },
      { type: 'webhook_endpoint.filter_changed', data: { filter: null } },
      { type: 'webhook_endpoint.limits_changed', data: { concurrency: 10, rate_limit: null } },
      { type: 'webhook_endpoint.signatures_changed', data: { signatures: ['v1'], body_signature_header: null } },
    );
});

it('keeps the secrets before a rotation for so long as they overlap', () => {
  const rotated = { type: 'webhook_endpoint.secret_rotated', data: { previous_until: 5000, sealed: SECOND } } as const;
  expect(
    given(created)
      .when(rotate(FIRST, SECOND, 5000))
      .thenEvents(rotated),
  ).toMatchObject({
    sealed: of(SECOND),
    previous: { sealed: of(FIRST), until: 5000 },
  });
  const again = { type: 'webhook_endpoint.secret_rotated', data: { previous_until: null, sealed: THIRD } } as const;
  expect(
    given(created, rotated)
      .when(rotate(SECOND, THIRD, null))
      .thenEvents(again),
  ).toMatchObject({
    sealed: of(THIRD),
    previous: null,
  });
});

it('takes no secrets that were made of others than it has', () => {
  given(created)
    .when(update({ headerNames: ['X-Shop'] }, { from: of(THIRD), sealed: SECOND }))
    .thenRefused('changed_meanwhile');
  given(created)
    .when(rotate(THIRD, SECOND, null))
    .thenRefused('changed_meanwhile');
});

it('is disabled and enabled once, whoever asks again', () => {
  given(created).when({ type: 'disable', reason: 'gone' }).thenEvents(disabled);
  given(created, disabled).when({ type: 'disable', reason: 'request' }).thenEvents();
  expect(given(created, disabled).when({ type: 'enable' }).thenEvents(enabled)).toMatchObject({ disabled: null });
  given(created).when({ type: 'enable' }).thenEvents();
});

it('has what is decided of its lanes on its stream, and not in its state', () => {
  const stream = 'conv_0198f2c0a1b27c3d8e4f5a6b7c8d9e01';
  const eventId = 'evt_0198f2c0a1b27c3d8e4f5a6b7c8d9e01';
  const message = { stream, run: 0, eventId, eventType: 'message.created', eventPosition: 4711 };
  const data = { stream, run: 0, event_id: eventId, event_type: 'message.created', event_position: 4711 };
  const last = { attempts: 13, status: 500, cause: 'status' };
  const { state } = given(created);
  const parked: EndpointEvent = { type: 'webhook_endpoint.lane_parked', data: { ...data, ...last } };
  expect(
    given(created)
      .when({ type: 'tell_parked', message, ...last })
      .thenEvents(parked),
  ).toEqual(state);
  for (const verb of ['resume', 'skip'] as const) {
    const type = verb === 'resume' ? 'webhook_endpoint.lane_resumed' : 'webhook_endpoint.lane_skipped';
    const decision = given(created, parked).when({ type: `${verb}_lane`, message });
    expect(decision.thenEvents({ type, data })).toEqual(state);
  }
});

it('answers a request that changes nothing of it, or refuses it', () => {
  given(created).when({ type: 'answer', refusal: null }).thenEvents();
  const refusal = { refused: 'lane_not_parked', detail: 'It goes on.' } as const;
  given(created).when({ type: 'answer', refusal }).thenRefused('lane_not_parked');
  given(created, deleted).when({ type: 'answer', refusal: null }).thenRefused('not_found');
});

it('is gone once it is deleted, and its secrets are not in its state', () => {
  expect(given(created).when({ type: 'delete' }).thenEvents(deleted)).toMatchObject({
    deleted: true,
    sealed: '',
    previous: null,
  });
  const commands = [
    update({ url: 'https://hooks.example.org/b' }),
    rotate(FIRST, SECOND, null),
    { type: 'disable', reason: 'request' },
    { type: 'enable' },
    { type: 'delete' },
  ] as const;
  for (const command of commands) {
    given(created, deleted).when(command).thenRefused('not_found');
    given().when(command).thenRefused('not_found');
  }
});
