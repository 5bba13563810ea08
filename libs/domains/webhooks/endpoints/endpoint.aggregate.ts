import type { Aggregate } from '../../../platform/commands/command.js';
import type { EndpointCommand } from './endpoint.commands.js';
import { endpointDecider } from './endpoint.decider.js';
import type { EndpointEvent } from './endpoint.events.js';
import type { EndpointState } from './endpoint.state.js';

/** Where a workspace's events are sent to: nothing of it is personal. */
export const endpointAggregate: Aggregate<EndpointCommand, EndpointState, EndpointEvent> = {
  type: 'webhook_endpoint',
  prefix: 'whe',
  decider: endpointDecider,
  subjectOf: () => null,
};
