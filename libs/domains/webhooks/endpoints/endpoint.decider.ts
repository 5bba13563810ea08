import { type Decider, type Refusal, refuse, stale } from '../../../platform/kernel/decider.js';
import type {
  CreateEndpoint,
  EndpointCommand,
  LaneMessage,
  RotateSecret,
  UpdateEndpoint,
} from './endpoint.commands.js';
import type { EndpointEvent } from './endpoint.events.js';
import type { DisabledReason, EndpointState, SignatureKind } from './endpoint.state.js';

export const MOST_ENDPOINTS = 1000;

/**
 * (nothing) ── created ──► enabled ◄── enabled / disabled ──► disabled; either ── deleted ──► deleted, for good.
 *
 * All its secrets are sealed together, by whoever makes the command; one whose secrets were made of others than the stream has
 * is stale. Lanes are no part of the state: an endpoint may have a lane for each stream there is.
 */
export const endpointDecider: Decider<EndpointCommand, EndpointState, EndpointEvent> = { decide, evolve };

function decide(command: EndpointCommand, state: EndpointState | null): EndpointEvent[] | Refusal {
  if (command.type === 'create') return create(command, state);
  if (state === null || state.deleted)
    return refuse('not_found', 'There is no such webhook endpoint in this workspace.');
  switch (command.type) {
    case 'update':
      return update(command, state);
    case 'rotate':
      return rotate(command, state);
    case 'disable':
      return state.disabled === null ? [{ type: 'webhook_endpoint.disabled', data: { reason: command.reason } }] : [];
    case 'enable':
      return state.disabled === null ? [] : [{ type: 'webhook_endpoint.enabled', data: {} }];
    case 'tell_parked': {
      const { attempts, status, cause } = command;
      return [
        { type: 'webhook_endpoint.lane_parked', data: { ...laneData(command.message), attempts, status, cause } },
      ];
    }
    case 'resume_lane':
      return [{ type: 'webhook_endpoint.lane_resumed', data: laneData(command.message) }];
    case 'skip_lane':
      return [{ type: 'webhook_endpoint.lane_skipped', data: laneData(command.message) }];
    case 'answer':
      return command.refusal ?? [];
    case 'delete':
      return [{ type: 'webhook_endpoint.deleted', data: {} }];
    default:
      return command satisfies never;
  }
}

function create(
  { settings, ordered, sealed, others }: CreateEndpoint,
  state: EndpointState | null,
): EndpointEvent[] | Refusal {
  if (state !== null) return refuse('external_id_taken', 'The webhook endpoint exists already. Make another one.');
  if (others >= MOST_ENDPOINTS) {
    return refuse('too_many', `A workspace has ${MOST_ENDPOINTS} webhook endpoints at most. Delete one first.`);
  }
  return [
    {
      type: 'webhook_endpoint.created',
      data: {
        url: settings.url,
        description: settings.description,
        types: [...settings.types],
        filter: textOf(settings.filter),
        pin: settings.pin,
        ordered,
        concurrency: settings.concurrency,
        rate_limit: settings.rateLimit,
        retry_schedule: [...settings.retrySchedule],
        signatures: [...settings.signatures],
        body_signature_header: settings.bodySignatureHeader,
        header_names: [...settings.headerNames],
        client_certificate_sha256: settings.clientCertificateSha256,
        sealed,
      },
    },
  ];
}

function update({ settings, resealed }: UpdateEndpoint, state: EndpointState): EndpointEvent[] | Refusal {
  if (resealed !== null && resealed.from !== state.sealed) return stale();
  const events: EndpointEvent[] = [];
  const { url, description, types, filter, pin, retrySchedule, headerNames, clientCertificateSha256 } = settings;
  if (url !== undefined && url !== state.url) events.push({ type: 'webhook_endpoint.url_changed', data: { url } });
  if (description !== undefined && description !== state.description) {
    events.push({ type: 'webhook_endpoint.description_changed', data: { description } });
  }
  if (types !== undefined && !isSame(types, state.types)) {
    events.push({ type: 'webhook_endpoint.types_changed', data: { types: [...types] } });
  }
  if (filter !== undefined && textOf(filter) !== textOf(state.filter)) {
    events.push({ type: 'webhook_endpoint.filter_changed', data: { filter: textOf(filter) } });
  }
  if (pin !== undefined && pin !== state.pin) events.push({ type: 'webhook_endpoint.pin_changed', data: { pin } });
  const { concurrency = state.concurrency, rateLimit = state.rateLimit } = settings;
  if (concurrency !== state.concurrency || rateLimit !== state.rateLimit) {
    events.push({ type: 'webhook_endpoint.limits_changed', data: { concurrency, rate_limit: rateLimit } });
  }
  if (retrySchedule !== undefined && !isSame(retrySchedule, state.retrySchedule)) {
    events.push({ type: 'webhook_endpoint.retry_schedule_changed', data: { retry_schedule: [...retrySchedule] } });
  }
  const { signatures = state.signatures, bodySignatureHeader = state.bodySignatureHeader } = settings;
  if (!isSame(signatures, state.signatures) || bodySignatureHeader !== state.bodySignatureHeader) {
    const data = { signatures: [...signatures], body_signature_header: bodySignatureHeader };
    events.push({ type: 'webhook_endpoint.signatures_changed', data });
  }
  if (resealed === null) return events;
  const { sealed } = resealed;
  if (headerNames !== undefined) {
    events.push({ type: 'webhook_endpoint.headers_changed', data: { header_names: [...headerNames], sealed } });
  }
  if (clientCertificateSha256 !== undefined) {
    const data = { client_certificate_sha256: clientCertificateSha256, sealed };
    events.push({ type: 'webhook_endpoint.client_certificate_changed', data });
  }
  return events;
}

function rotate({ resealed, previousUntil }: RotateSecret, state: EndpointState): EndpointEvent[] | Refusal {
  if (resealed.from !== state.sealed) return stale();
  return [
    { type: 'webhook_endpoint.secret_rotated', data: { previous_until: previousUntil, sealed: resealed.sealed } },
  ];
}

function laneData({ stream, run, eventId, eventType, eventPosition }: LaneMessage) {
  return { stream, run, event_id: eventId, event_type: eventType, event_position: eventPosition };
}

function evolve(state: EndpointState | null, event: EndpointEvent): EndpointState {
  if (event.type === 'webhook_endpoint.created') {
    const { data } = event;
    return {
      url: data.url,
      description: data.description,
      disabled: null,
      deleted: false,
      types: data.types,
      filter: filterOf(data.filter),
      pin: data.pin,
      ordered: data.ordered,
      concurrency: data.concurrency,
      rateLimit: data.rate_limit,
      retrySchedule: data.retry_schedule,
      signatures: data.signatures as SignatureKind[],
      bodySignatureHeader: data.body_signature_header,
      sealed: data.sealed.toString('base64'),
      previous: null,
    };
  }
  if (state === null) throw new Error(`A webhook endpoint's first event is ${event.type}.`);
  switch (event.type) {
    case 'webhook_endpoint.url_changed':
    case 'webhook_endpoint.description_changed':
    case 'webhook_endpoint.types_changed':
    case 'webhook_endpoint.pin_changed':
      return { ...state, ...event.data };
    case 'webhook_endpoint.filter_changed':
      return { ...state, filter: filterOf(event.data.filter) };
    case 'webhook_endpoint.limits_changed':
      return { ...state, concurrency: event.data.concurrency, rateLimit: event.data.rate_limit };
    case 'webhook_endpoint.retry_schedule_changed':
      return { ...state, retrySchedule: event.data.retry_schedule };
    case 'webhook_endpoint.signatures_changed':
      return {
        ...state,
        signatures: event.data.signatures as SignatureKind[],
        bodySignatureHeader: event.data.body_signature_header,
      };
    case 'webhook_endpoint.headers_changed':
    case 'webhook_endpoint.client_certificate_changed':
      return { ...state, sealed: event.data.sealed.toString('base64') };
    case 'webhook_endpoint.secret_rotated': {
      const { previous_until: until, sealed } = event.data;
      const previous = until === null ? null : { sealed: state.sealed, until };
      return { ...state, sealed: sealed.toString('base64'), previous };
    }
    case 'webhook_endpoint.disabled':
      return { ...state, disabled: { reason: event.data.reason as DisabledReason } };
    case 'webhook_endpoint.enabled':
      return { ...state, disabled: null };
    case 'webhook_endpoint.lane_parked':
    case 'webhook_endpoint.lane_resumed':
    case 'webhook_endpoint.lane_skipped':
      return state;
    case 'webhook_endpoint.deleted':
      return { ...state, deleted: true, sealed: '', previous: null };
    default:
      return event satisfies never;
  }
}

function textOf(filter: EndpointState['filter']): string | null {
  return filter === null ? null : JSON.stringify(filter);
}

function filterOf(text: string | null): EndpointState['filter'] {
  return text === null ? null : (JSON.parse(text) as EndpointState['filter']);
}

function isSame<Item>(some: readonly Item[], others: readonly Item[]): boolean {
  return some.length === others.length && some.every((one, i) => one === others[i]);
}
