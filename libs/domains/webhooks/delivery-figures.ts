import type { Figure } from '../../platform/observability/figures.js';
import type { DeliveryCounts } from './delivery/delivery-counts.js';

export interface Delivering {
  counts: DeliveryCounts;
  underWay(): number;
  shards(): number;
  failing(): number;
}

/** What `/metrics` says of webhooks. Nothing of it is counted in a table. */
export function deliveryFigures({ counts, underWay, shards, failing }: Delivering): Figure[] {
  return [
    {
      name: 'heddle_webhook_attempts_total',
      help: 'Attempts to bring a message to an endpoint, by what came of them.',
      kind: 'counter',
      label: 'outcome',
      read: () => counts.attempts,
    },
    {
      name: 'heddle_webhook_attempt_seconds_total',
      help: 'Seconds that attempts took together.',
      kind: 'counter',
      read: () => counts.seconds,
    },
    {
      name: 'heddle_webhook_messages_total',
      help: 'Messages for endpoints, by what became of them.',
      kind: 'counter',
      label: 'became',
      read: () => counts.messages,
    },
    {
      name: 'heddle_webhook_attempts_under_way',
      help: 'Attempts that have not ended yet.',
      kind: 'gauge',
      read: underWay,
    },
    {
      name: 'heddle_webhook_shards',
      help: 'Shards of endpoints, of 64, that this process delivers to.',
      kind: 'gauge',
      read: shards,
    },
    {
      name: 'heddle_webhook_failing_endpoints',
      help: 'Endpoints of these shards that have taken nothing since a failure.',
      kind: 'gauge',
      read: failing,
    },
  ];
}
