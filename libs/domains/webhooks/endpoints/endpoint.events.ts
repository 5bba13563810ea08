import type { EventData } from '../../../contract/generated/event-data.js';
import type { DomainEvent } from '../../../platform/kernel/event.js';

type Of<Type extends keyof EventData> = DomainEvent<Type, EventData[Type]>;

/** Everything that happens on an endpoint's stream. */
export type EndpointEvent =
  | Of<'webhook_endpoint.created'>
  | Of<'webhook_endpoint.url_changed'>
  | Of<'webhook_endpoint.description_changed'>
  | Of<'webhook_endpoint.types_changed'>
  | Of<'webhook_endpoint.filter_changed'>
  | Of<'webhook_endpoint.pin_changed'>
  | Of<'webhook_endpoint.limits_changed'>
  | Of<'webhook_endpoint.retry_schedule_changed'>
  | Of<'webhook_endpoint.signatures_changed'>
  | Of<'webhook_endpoint.headers_changed'>
  | Of<'webhook_endpoint.client_certificate_changed'>
  | Of<'webhook_endpoint.secret_rotated'>
  | Of<'webhook_endpoint.disabled'>
  | Of<'webhook_endpoint.enabled'>
  | Of<'webhook_endpoint.lane_parked'>
  | Of<'webhook_endpoint.lane_resumed'>
  | Of<'webhook_endpoint.lane_skipped'>
  | Of<'webhook_endpoint.deleted'>;
