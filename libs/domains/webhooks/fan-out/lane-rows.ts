import type { EventData } from '../../../contract/generated/event-data.js';
import type { SealedEvent } from '../../../platform/event-codec/sealed-event.js';
import type { SqlStatement } from '../../../platform/postgres/connection.js';
import { arraysOf, type Columns, count, int8, unnest, uuid } from '../../../platform/projections/column.js';

/** A parked lane that was resumed, or whose message was skipped. */
export interface DecidedLane {
  endpoint: string;
  run: number;
  position: number;
  isSkipped: boolean;
}

const ROWS: Columns<DecidedLane> = {
  endpoint: uuid(({ endpoint }) => endpoint),
  run: count(({ run }) => run),
  position: int8(({ position }) => position),
};
const OF = `from ${unnest(ROWS)}
   where t.endpoint = e.endpoint and t.run = e.run and t.position = e.position and t.state = 'parked'`;
const RESUME = `
  update webhooks.waiting t set state = 'retry', attempts = 0, told = false, due_at = clock_timestamp() ${OF}`;
const SKIP = `update webhooks.waiting t set state = 'given_up', skipped = true, told = false ${OF}`;

/** Null for an event that decides nothing. */
export function decidedLane({ type, meta, data }: SealedEvent): DecidedLane | null {
  if (type !== 'webhook_endpoint.lane_resumed' && type !== 'webhook_endpoint.lane_skipped') return null;
  const { run, event_position: position } = data as unknown as EventData['webhook_endpoint.lane_skipped'];
  return { endpoint: meta.stream, run, position, isSkipped: type === 'webhook_endpoint.lane_skipped' };
}

/**
 * What becomes of their rows, with the cursor of the fan-out: the log says first that a lane goes on, and then, once, it does,
 * whoever is killed. Its row is nobody's in between: of a parked lane its owner writes nothing.
 */
export function goOnWith(lanes: readonly DecidedLane[]): SqlStatement[] {
  const skipped = lanes.filter(({ isSkipped }) => isSkipped);
  const resumed = lanes.filter(({ isSkipped }) => !isSkipped);
  return [
    ...(resumed.length > 0 ? [{ name: 'resume lanes', text: RESUME, values: arraysOf(ROWS, resumed) }] : []),
    ...(skipped.length > 0 ? [{ name: 'skip messages', text: SKIP, values: arraysOf(ROWS, skipped) }] : []),
  ];
}
